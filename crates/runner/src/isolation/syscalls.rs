//! The calls to the kernel that nobody within may make: those that make or enter namespaces. `bwrap` can forbid them by
//! itself, but takes longer for it than for everything else together.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek, Write};

use command_fds::{CommandFdExt, FdMapping};
use rustix::fs::{MemfdFlags, memfd_create};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
};
use tokio::process::Command;

/// What the programs call the same call by in their other habit of numbers (x32), where a kernel still has it.
const X32: i64 = 0x4000_0000;
/// The descriptors under which `bwrap` finds the filters.
const FIRST_FD: i32 = 8;

/// Filters as the kernel takes them.
pub struct Denied(Vec<Vec<u8>>);

impl Denied {
    /// Compiles the filters; none on a processor that the compiler does not know.
    pub fn compiled() -> Option<Self> {
        let new_user = u64::try_from(libc::CLONE_NEWUSER).expect("flags are positive");
        let with_flag = SeccompCondition::new(0, SeccompCmpArgLen::Qword, SeccompCmpOp::MaskedEq(new_user), new_user);
        let rule = SeccompRule::new(vec![with_flag.ok()?]).ok()?;
        let forbidden =
            [(libc::SYS_unshare, vec![rule.clone()]), (libc::SYS_clone, vec![rule]), (libc::SYS_setns, Vec::new())];
        // Its flags cannot be looked at; who hears that there is no such call takes the older one.
        let unknown = [(libc::SYS_clone3, Vec::new())];
        Some(Self(vec![program(forbidden, libc::EPERM)?, program(unknown, libc::ENOSYS)?]))
    }

    /// Hands the filters to a command of `bwrap`.
    pub fn add_to(&self, command: &mut Command) -> io::Result<()> {
        let mut mappings = Vec::new();
        for (child_fd, bytes) in (FIRST_FD..).zip(&self.0) {
            let mut file = File::from(memfd_create("filter", MemfdFlags::CLOEXEC)?);
            file.write_all(bytes)?;
            file.rewind()?;
            command.arg("--add-seccomp-fd").arg(child_fd.to_string());
            mappings.push(FdMapping { parent_fd: file.into(), child_fd });
        }
        command.fd_mappings(mappings).map_err(io::Error::other)?;
        Ok(())
    }
}

fn program<const N: usize>(calls: [(i64, Vec<SeccompRule>); N], error: i32) -> Option<Vec<u8>> {
    let error = SeccompAction::Errno(error.unsigned_abs());
    let both = calls.into_iter().flat_map(|(call, rules)| [(call | X32, rules.clone()), (call, rules)]);
    let rules: BTreeMap<i64, Vec<SeccompRule>> = both.collect();
    let machine = std::env::consts::ARCH.try_into().ok()?;
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, error, machine).ok()?;
    let program: BpfProgram = filter.try_into().ok()?;
    // As `struct sock_filter` lies in memory.
    let instruction = |i: &seccompiler::sock_filter| {
        let mut bytes = i.code.to_ne_bytes().to_vec();
        bytes.extend([i.jt, i.jf]);
        bytes.extend(i.k.to_ne_bytes());
        bytes
    };
    Some(program.iter().flat_map(instruction).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_is_written() {
        let Denied(programs) = Denied::compiled().expect("tests run on a known processor");
        assert!(programs.iter().all(|program| program.len() > 8 && program.len() % 8 == 0));
    }
}
