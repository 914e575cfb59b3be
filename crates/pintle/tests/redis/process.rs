//! Servers as child processes, and the tools that talk to them.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use crate::client::Client;

/// Far more than anything here takes, on a machine that does much else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A server's process. It ends with its owner.
pub(crate) struct Server {
    pub(crate) port: u16,
    process: Child,
    /// `None`: nobody reads what it prints.
    stdout: Option<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts the example with two workers.
    pub(crate) fn start() -> Self {
        Self::start_with(&[])
    }

    /// The same with further arguments.
    pub(crate) fn start_with(args: &[&str]) -> Self {
        let mut process = Command::new(example())
            .args(["--port", "0", "--workers", "2"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the example starts");
        let mut stdout = BufReader::new(process.stdout.take().expect("piped"));
        let mut line = String::new();
        stdout.read_line(&mut line).expect("a line on stdout");
        let address = line
            .strip_prefix("listening on 127.0.0.1:")
            .expect("the address");
        let port = address.split(' ').next().and_then(|port| port.parse().ok());
        let port = port.expect("the port");
        Self {
            port,
            process,
            stdout: Some(stdout),
        }
    }

    /// Starts Redis's own server, if it is installed.
    pub(crate) fn start_real() -> Option<Self> {
        let program = tool("redis-server")?;
        // It cannot choose a port itself, so somebody else may be faster.
        for _ in 0..10 {
            let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr());
            let port = free.expect("a free port").port();
            let mut process = Command::new(&program)
                .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
                .args(["--save", "", "--appendonly", "no", "--dir", "/tmp"])
                .stdout(Stdio::piped())
                .spawn()
                .expect("redis-server starts");
            let stdout = BufReader::new(process.stdout.take().expect("piped"));
            let mut server = Self {
                port,
                process,
                stdout: Some(stdout),
            };
            let start = Instant::now();
            while server.process.try_wait().expect("a process").is_none()
                && start.elapsed() < PATIENCE
            {
                if TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok() {
                    return Some(server);
                }
                thread::sleep(Duration::from_millis(10));
            }
        }
        panic!("redis-server does not start");
    }

    pub(crate) fn client(&self) -> Client {
        Client::connect(self.port)
    }

    /// A counter or fact from INFO.
    pub(crate) fn info(&self, name: &str) -> usize {
        let info = self.client().text(&["INFO"]);
        let value = info
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let value = value.and_then(|value| value.trim().parse().ok());
        value.unwrap_or_else(|| panic!("INFO has no number {name}"))
    }

    /// Waits until INFO says so.
    pub(crate) fn wait_for(&self, name: &str, value: usize) {
        self.wait_until(name, |now| now == value);
    }

    /// Waits until what INFO says is as wanted.
    pub(crate) fn wait_until(&self, name: &str, wanted: impl Fn(usize) -> bool) {
        let start = Instant::now();
        while !wanted(self.info(name)) {
            assert!(
                start.elapsed() < PATIENCE,
                "{name} stays at {}",
                self.info(name)
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Memory that the process has in use, in bytes.
    pub(crate) fn memory(&self) -> usize {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id()));
        let status = status.expect("a live process");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes =
            line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<usize>().ok());
        kilobytes.expect("VmRSS in kB") * 1024
    }

    /// Sends a signal to the process.
    pub(crate) fn signal(&self, signal: libc::c_int) {
        let id = self.process.id().try_into().expect("a process id");
        // SAFETY: a system call without pointers; the process is our child and
        // has not been waited for, so the id is still its own.
        assert_eq!(unsafe { libc::kill(id, signal) }, 0);
    }

    /// Closes the pipe that the process prints to.
    pub(crate) fn close_stdout(&mut self) {
        self.stdout = None;
    }

    /// Waits for the process to end; what it has printed since it started.
    pub(crate) fn end(mut self) -> (ExitStatus, String) {
        let mut printed = String::new();
        if let Some(stdout) = &mut self.stdout {
            stdout.read_to_string(&mut printed).expect("text on stdout");
        }
        (self.process.wait().expect("a process"), printed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended, which is as good.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where a tool of Redis is, if it is.
pub(crate) fn tool(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .map(|dir| dir.join(name))
        .find(|file| file.is_file());
    if found.is_none() {
        let advice = format!("{name} is missing: apt-get install redis-server redis-tools");
        assert!(env::var_os("CI").is_none_or(|ci| ci != "true"), "{advice}");
        eprintln!("SKIPPED: {advice}");
    }
    found
}

/// The example, built as this test is: same profile, same features.
fn example() -> &'static Path {
    static EXAMPLE: OnceLock<PathBuf> = OnceLock::new();
    EXAMPLE.get_or_init(|| {
        // target/<profile>/deps/redis-<hash>
        let this = env::current_exe().expect("a path");
        let profile_dir = this
            .parent()
            .and_then(Path::parent)
            .expect("a profile's folder");
        let example = profile_dir.join("examples/redis");
        // `cargo test` has built it, but not `cargo test --test redis`; and then
        // an old one may lie there.
        if let Some(cargo) = env::var_os("CARGO") {
            let mut build = Command::new(cargo);
            build.args([
                "build",
                "--quiet",
                "--package",
                "pintle",
                "--example",
                "redis",
            ]);
            build.args(["--no-default-features", "--features", &features().join(",")]);
            build
                .arg("--target-dir")
                .arg(profile_dir.parent().expect("the target folder"));
            match profile_dir.file_name().and_then(OsStr::to_str) {
                None | Some("debug") => {}
                Some(profile) => {
                    build.args(["--profile", profile]);
                }
            }
            let status = build.current_dir(env!("CARGO_MANIFEST_DIR")).status();
            assert!(
                status.expect("cargo runs").success(),
                "the example does not build"
            );
        }
        example
    })
}

/// The features that this test was built with.
fn features() -> Vec<&'static str> {
    let mut features = vec!["std", "park", "rcu"];
    for (on, name) in [
        (cfg!(feature = "no-cache-pad"), "no-cache-pad"),
        (cfg!(feature = "critical-section"), "critical-section"),
        (cfg!(feature = "core-error"), "core-error"),
        (cfg!(feature = "tracing-01"), "tracing-01"),
        (cfg!(feature = "tracing-02"), "tracing-02"),
    ] {
        if on {
            features.push(name);
        }
    }
    features
}

/// Lets this process open as many files as it may: a socket is one.
pub(crate) fn raise_open_files_limit() {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: the pointer is to a live `rlimit`.
    let read = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    assert_eq!(read, 0);
    limit.rlim_cur = limit.rlim_max;
    // SAFETY: as above.
    let set = unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) };
    assert_eq!(set, 0);
}
