//! What the figures were measured on.

use std::{fs, process::Command, thread};

/// Returns the facts as pairs of a name and a value; what cannot be found out is left out.
pub(crate) fn facts() -> Vec<(&'static str, String)> {
    let cores = thread::available_parallelism().map(|n| n.to_string());
    [
        ("processor", processor()),
        ("cores", cores.ok()),
        ("kernel", output("uname", &["-srm"])),
        ("compiler", output("rustc", &["--version"])),
        ("Valgrind", output("valgrind", &["--version"])),
        ("load average at the end", load()),
        ("revision", revision()),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}

fn processor() -> Option<String> {
    let info = fs::read_to_string("/proc/cpuinfo").ok()?;
    let (_, model) = info.lines().find_map(|line| {
        line.split_once(':')
            .filter(|(key, _)| key.trim() == "model name")
    })?;
    Some(model.trim().to_owned())
}

fn load() -> Option<String> {
    let load = fs::read_to_string("/proc/loadavg").ok()?;
    Some(load.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

fn revision() -> Option<String> {
    let dirty = !output("git", &["status", "--porcelain", "--untracked-files=no"])
        .unwrap_or_default()
        .is_empty();
    let revision = output("git", &["rev-parse", "--short", "HEAD"])?;
    Some(if dirty {
        format!("{revision}, with changes")
    } else {
        revision
    })
}

fn output(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
