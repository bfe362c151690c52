#!/bin/sh
# make_certs.sh DIR: throw-away certificates for the tests; needs only the openssl command.
#
# DIR/ca.crt is the authority to trust, DIR/other-ca.crt one not to. Every DIR/NAME.crt of a server
# goes with the one DIR/server.key:
#   good          localhost, *.relay.test, 127.0.0.1      expired, future   good, but not today
#   wrong-name    elsewhere.test                          subdomain         mail.localhost
#   cn-only       CN=localhost, no alternative names      cn-ignored        CN=localhost, other names
#   literal-as-name  DNS:127.0.0.1, which is how Postfix wants a literal address to be named
#   other-issuer  localhost, signed by other-ca           self-signed       localhost, by itself
# NAME-chain.crt has the authority in it as well; NAME.sha256 is the fingerprint, "AA:BB:..".
set -eu

dir=${1:?usage: make_certs.sh DIR}
umask 077
mkdir -p "$dir"
cd "$dir"
[ -f complete ] && exit 0
log=$PWD/openssl.log

# Says what openssl said only when it failed.
quietly() {
	"$@" >>"$log" 2>&1 || { cat "$log" >&2; exit 1; }
}

cat >openssl.cnf <<'END'
[req]
distinguished_name = dn
[dn]
[authority]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ca]
default_ca = issue
[issue]
database = index.txt
serial = serial
new_certs_dir = .
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
END
: >index.txt
echo 1000 >serial

new_key() {
	quietly openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"
}

authority() { # FILE, CN
	new_key "$1.key"
	quietly openssl req -x509 -new -key "$1.key" -config openssl.cnf -extensions authority \
		-subj "/CN=$2" -days 3650 -out "$1.crt"
}

extensions() { # subjectAltName, or nothing
	echo "basicConstraints = critical, CA:false"
	echo "keyUsage = critical, digitalSignature"
	echo "extendedKeyUsage = serverAuth"
	[ -z "$1" ] || echo "subjectAltName = $1"
}

server() { # FILE, CN, subjectAltName, authority, first day, last day
	extensions "$3" >v3.cnf
	quietly openssl req -new -key server.key -config openssl.cnf -subj "/CN=$2" -out request
	quietly openssl ca -batch -notext -config openssl.cnf -cert "$4.crt" -keyfile "$4.key" \
		-startdate "$5" -enddate "$6" -extfile v3.cnf -in request -out "$1.crt"
}

names="DNS:localhost, DNS:*.relay.test, IP:127.0.0.1"
from=20200101000000Z
to=20991231235959Z

authority ca "relaycon test authority"
authority other-ca "Somebody else's authority"
new_key server.key
server good localhost "$names" ca $from $to
server expired localhost "$names" ca 20200101000000Z 20210101000000Z
server future localhost "$names" ca 20900101000000Z $to
server wrong-name elsewhere.test DNS:elsewhere.test ca $from $to
server subdomain mail.localhost DNS:mail.localhost ca $from $to
server cn-only localhost "" ca $from $to
server literal-as-name localhost DNS:127.0.0.1 ca $from $to
server cn-ignored localhost DNS:elsewhere.test ca $from $to
server other-issuer localhost "$names" other-ca $from $to
extensions "$names" >v3.cnf
{ cat openssl.cnf; echo "[self]"; cat v3.cnf; } >self.cnf
quietly openssl req -x509 -new -key server.key -config self.cnf -extensions self \
	-subj "/CN=localhost" -days 3650 -out self-signed.crt
for each in *.crt; do
	fingerprint=$(openssl x509 -in "$each" -noout -fingerprint -sha256)
	echo "${fingerprint#*=}" >"${each%.crt}.sha256"
done
cat good.crt ca.crt >good-chain.crt
cat wrong-name.crt ca.crt >wrong-name-chain.crt
touch complete
