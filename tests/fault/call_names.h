/*
 * call_names.h: the system calls that anybody asks for by name, or wants to read in a list. Those that
 * only older machines have (open; arm64 knows openat alone) are there where the kernel has them.
 */
#ifndef FAULT_CALL_NAMES_H
#define FAULT_CALL_NAMES_H

#include <sys/syscall.h>

static const struct {
	const char *name;
	long number;
} call_names[] = {
/* clang-format off */
#define CALL(name) {#name, SYS_##name}
#ifdef SYS_open
	CALL(open), CALL(creat), CALL(stat), CALL(lstat), CALL(access), CALL(unlink),
	CALL(rename), CALL(link), CALL(symlink), CALL(readlink), CALL(mkdir), CALL(rmdir),
	CALL(chmod), CALL(chown), CALL(lchown), CALL(pipe), CALL(dup2), CALL(poll), CALL(select),
	CALL(fork), CALL(vfork), CALL(getdents), CALL(utimes), CALL(arch_prctl), CALL(alarm),
 CALL(time), CALL(epoll_create), CALL(epoll_wait), CALL(getpgrp),
#endif
	CALL(openat), CALL(openat2), CALL(close), CALL(close_range), CALL(read), CALL(write),
	CALL(pread64), CALL(pwrite64), CALL(readv), CALL(writev), CALL(lseek), CALL(fsync),
	CALL(fdatasync), CALL(syncfs), CALL(ftruncate), CALL(truncate), CALL(fallocate),
	CALL(renameat), CALL(renameat2), CALL(unlinkat), CALL(linkat), CALL(symlinkat),
	CALL(readlinkat), CALL(mkdirat), CALL(fchmod), CALL(fchmodat), CALL(fchown),
	CALL(fchownat), CALL(utimensat), CALL(fstat), CALL(newfstatat), CALL(statx), CALL(statfs),
	CALL(fstatfs), CALL(faccessat), CALL(faccessat2), CALL(getdents64), CALL(flock),
	CALL(fcntl), CALL(dup), CALL(dup3), CALL(pipe2), CALL(chdir), CALL(umask),
	CALL(fgetxattr), CALL(fsetxattr), CALL(flistxattr), CALL(getxattr), CALL(setxattr),
	CALL(listxattr), CALL(copy_file_range), CALL(sendfile), CALL(memfd_create), CALL(clone),
	CALL(clone3), CALL(execve), CALL(execveat), CALL(exit), CALL(exit_group), CALL(wait4),
	CALL(waitid), CALL(kill), CALL(tgkill), CALL(pidfd_open), CALL(pidfd_send_signal),
	CALL(ppoll), CALL(pselect6), CALL(socket), CALL(socketpair), CALL(connect), CALL(bind),
	CALL(listen), CALL(accept4), CALL(sendto), CALL(recvfrom), CALL(sendmsg), CALL(recvmsg),
	CALL(sendmmsg), CALL(shutdown), CALL(getsockopt), CALL(setsockopt), CALL(getsockname),
	CALL(getpeername), CALL(mmap), CALL(munmap), CALL(mremap), CALL(mprotect), CALL(madvise),
	CALL(mlock), CALL(mlock2), CALL(munlock), CALL(brk), CALL(futex), CALL(rt_sigaction),
	CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(sigaltstack), CALL(prctl), CALL(prlimit64),
	CALL(getrandom), CALL(getpid), CALL(gettid), CALL(getppid), CALL(getuid), CALL(geteuid),
	CALL(getgid), CALL(getegid), CALL(setsid), CALL(setpgid), CALL(getpgid),
	CALL(clock_gettime), CALL(clock_nanosleep), CALL(nanosleep), CALL(set_tid_address),
	CALL(set_robust_list), CALL(rseq), CALL(sched_yield), CALL(sched_getaffinity),
	CALL(uname), CALL(sysinfo), CALL(ioctl), CALL(restart_syscall),
/* clang-format on */
#undef CALL
};

#endif
