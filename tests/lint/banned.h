/*
 * banned.h: functions that do not compile in this project (STYLE, rule 6).
 *
 * The Makefile puts this file ahead of every source. The system headers that declare the
 * functions come first, so that only uses are caught.
 */
#ifndef RELAYCON_BANNED_H
#define RELAYCON_BANNED_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BANNED(function) sorry_##function##_is_a_banned_function

#undef strcpy
#define strcpy(to, from) BANNED(strcpy)
#undef strcat
#define strcat(to, from) BANNED(strcat)
#undef sprintf
#define sprintf(...) BANNED(sprintf)
#undef vsprintf
#define vsprintf(...) BANNED(vsprintf)
#undef strtok
#define strtok(text, delimiters) BANNED(strtok)
#undef gets
#define gets(buffer) BANNED(gets)
#undef system
#define system(command) BANNED(system)
#undef popen
#define popen(command, type) BANNED(popen)
#undef atoi
#define atoi(text) BANNED(atoi)

#endif
