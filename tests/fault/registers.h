/*
 * registers.h: what may be changed in a system call that is being traced: its number, its result, its
 * third argument. (PTRACE_GET_SYSCALL_INFO only reads.)
 */
#ifndef FAULT_REGISTERS_H
#define FAULT_REGISTERS_H

#include <elf.h>
#include <sys/ptrace.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>

#if defined(__x86_64__)
static void set_call(pid_t pid, long call)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) == 0) {
		regs.orig_rax = (unsigned long long)call;
		(void)ptrace(PTRACE_SETREGS, pid, NULL, &regs);
	}
}

static void set_registers(pid_t pid, const long *result, const long *third)
{
	struct user_regs_struct regs;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0)
		return;
	if (result)
		regs.rax = (unsigned long long)*result;
	if (third)
		regs.rdx = (unsigned long long)*third;
	(void)ptrace(PTRACE_SETREGS, pid, NULL, &regs);
}
#elif defined(__aarch64__)
static void set_call(pid_t pid, long call)
{
	int value = (int)call;
	struct iovec io = {&value, sizeof value};

	(void)ptrace(PTRACE_SETREGSET, pid, (void *)(long)NT_ARM_SYSTEM_CALL, &io);
}

static void set_registers(pid_t pid, const long *result, const long *third)
{
	struct user_regs_struct regs;
	struct iovec io = {&regs, sizeof regs};

	if (ptrace(PTRACE_GETREGSET, pid, (void *)(long)NT_PRSTATUS, &io) != 0)
		return;
	if (result)
		regs.regs[0] = (unsigned long long)*result;
	if (third)
		regs.regs[2] = (unsigned long long)*third;
	(void)ptrace(PTRACE_SETREGSET, pid, (void *)(long)NT_PRSTATUS, &io);
}
#else
#error "at_syscall knows the registers of x86_64 and aarch64 only"
#endif

#endif
