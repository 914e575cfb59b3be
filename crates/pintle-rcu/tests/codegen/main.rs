//! The instructions of a section, of a quiescent state and of a writer's look, as the compiler writes
//! them: what keeps its order on ARM, and what a PC does not pay for.
//!
//! `crates/codegen-rcu` has one function for each. They are compiled over the process-wide barrier, for
//! x86_64 on such a Linux, and by `cargo xtask codegen` for aarch64 Linux, too. It tells this test by the environment what to
//! compile for (`PINTLE_CODEGEN_TARGET`; nothing is skipped then), and who builds `core` where it has to be built
//! (`PINTLE_CARGO`, `PINTLE_RUSTC`).
#![cfg(all(feature = "std", not(loom), not(miri)))]

mod function;

use function::{Function, Kind, Path, functions};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path as FilePath, PathBuf},
    process::Command,
};

const X86: &str = "x86_64-unknown-linux-gnu";
const ARM: &str = "aarch64-unknown-linux-gnu";

/// Functions that a reader calls only where something is not as usual: it comes out of quiescence, or sections nest
/// without end; a writer sleeps until it leaves; the thread is new, or ends; the strategy is fences. Others would be
/// calls of every section.
const RARE: [&str; 5] = ["enter_slow", "exit_slow", "4join", "4part", "panic"];

/// On x86 every store is a release store and every load an acquire load, so what is to be seen there is
/// only what is paid.
#[test]
fn a_section_makes_no_call_and_nothing_locked() {
    let Some(program) = Program::compile(X86) else {
        return;
    };
    for name in ["enter", "exit", "read", "quiesce"] {
        for domain in ["domain", "global"] {
            let name = format!("{domain}.{name}");
            let calls: BTreeSet<_> = program
                .function(&name)
                .kinds()
                .iter()
                .filter_map(call)
                .collect();
            // So what a nested section does, in `enter` and `exit`, is no call either.
            for call in &calls {
                let rare = RARE.iter().any(|rare| call.contains(rare));
                assert!(rare, "{name} calls {call}");
            }
            let free = |path: &Path| {
                !path
                    .iter()
                    .any(|kind| call(kind).is_some() || *kind == Kind::Fence)
            };
            assert!(
                program.paths(&name).iter().any(free),
                "{name}: every way through it has a call or a locked instruction"
            );
        }
    }
}

#[test]
fn a_section_begins_and_ends_with_a_release_store_on_arm() {
    let Some(program) = Program::compile(ARM) else {
        return;
    };

    // All that a reader writes is its word. A quiescent state writes it once, if at all; so do the beginning and
    // the end of a section, nested ones included.
    for name in ["quiesce", "enter", "exit"] {
        let paths = program.paths(&format!("domain.{name}"));
        assert!(paths.iter().any(|path| releases(path) == 1), "{name}");
        for path in &paths {
            assert!(stores(path).is_empty(), "{name}: {path:?}");
            assert!(!path.contains(&Kind::Fence), "{name}: {path:?}");
            let rare = path.iter().filter_map(call).count();
            match name {
                "quiesce" => assert!(releases(path) <= 1 && rare == 0, "{path:?}"),
                // Out of quiescence the other function does it.
                "enter" => assert_eq!(releases(path) + rare, 1, "{path:?}"),
                _ => assert_eq!(releases(path), 1, "{path:?}"),
            }
        }
    }

    // Where writers may have skipped their barrier, a fence follows the store.
    let (name, slow) = program.containing("enter_slow");
    for path in slow.paths() {
        let store = path.iter().position(|kind| *kind == Kind::ReleaseStore);
        let fence = path.iter().position(|kind| *kind == Kind::Fence);
        assert!(store.is_some() && store < fence, "{name}: {path:?}");
    }

    // What is read within a section stays within.
    for path in program.paths("domain.read") {
        if path.iter().all(|kind| call(kind).is_none()) {
            let order = path
                .iter()
                .filter(|kind| matches!(kind, Kind::ReleaseStore | Kind::AcquireLoad));
            let expected = [Kind::ReleaseStore, Kind::AcquireLoad, Kind::ReleaseStore];
            assert!(order.eq(&expected), "{path:?}");
        }
    }
}

#[test]
fn a_writer_makes_a_fence_or_the_barrier_and_looks_with_acquire_loads_on_arm() {
    let Some(program) = Program::compile(ARM) else {
        return;
    };
    // On each way to the look that finds whom to wait for.
    let mut looks = 0;
    for path in program.paths("domain.synchronize") {
        let calls = |kind: &Kind, part| call(kind).is_some_and(|name| name.contains(part));
        let at = |part| path.iter().position(|kind| calls(kind, part));
        let (Some(begins), Some(looks_at)) = (at("change_stamp"), at("first_look")) else {
            continue;
        };
        looks += 1;
        let mut between = path[begins..looks_at].iter();
        let ordered = between.any(|kind| *kind == Kind::Fence || calls(kind, "5heavy"));
        assert!(ordered, "{path:?}");
    }
    assert_ne!(looks, 0, "a writer looks");
    // The head of the list and each word; the words again.
    for (name, least) in [("has_restless", 2), ("4Scan4look", 1)] {
        let (name, function) = program.containing(name);
        let loads = function.kinds().into_iter();
        let loads = loads.filter(|kind| *kind == Kind::AcquireLoad).count();
        assert!(loads >= least, "{name}: {function:?}");
    }
}

fn call(kind: &Kind) -> Option<String> {
    match kind {
        Kind::Call(name) => Some(name.clone()),
        _ => None,
    }
}

fn releases(path: &Path) -> usize {
    path.iter()
        .filter(|kind| **kind == Kind::ReleaseStore)
        .count()
}

fn stores(path: &Path) -> Vec<&Kind> {
    path.iter()
        .filter(|kind| matches!(kind, Kind::Store(_)))
        .collect()
}

/// The functions of the probe and of what it is made of.
struct Program {
    functions: BTreeMap<String, Function>,
}

// === impl Program ===

impl Program {
    /// What the probe is compiled to, or nothing if nobody asks for that target.
    fn compile(target: &str) -> Option<Self> {
        let native = cfg!(all(
            target_arch = "x86_64",
            target_os = "linux",
            target_env = "gnu"
        ));
        let asked_for = env::var("PINTLE_CODEGEN_TARGET").ok();
        let wanted = match &asked_for {
            Some(asked_for) => asked_for == target,
            None => native && target == X86,
        };
        let manifest = FilePath::new(env!("CARGO_MANIFEST_DIR")).join("../codegen-rcu/Cargo.toml");
        if !manifest.exists() {
            assert!(asked_for.is_none(), "there is no {}", manifest.display());
            // This crate as it is on crates.io.
            return None;
        }
        wanted.then(|| Self::of(&manifest, target))
    }

    /// Compiles as an application that wants speed does, and reads the assembly of each crate.
    fn of(manifest: &FilePath, target: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("codegen");
        let from_source = env::var_os("PINTLE_CODEGEN_TARGET")
            .and(env::var_os("PINTLE_CARGO").zip(env::var_os("PINTLE_RUSTC")));
        let mut cargo = match from_source {
            Some((cargo, rustc)) => {
                let mut cargo = Command::new(cargo);
                cargo
                    .env("RUSTC", rustc)
                    .env("RUSTC_BOOTSTRAP", "1")
                    .arg("-Zbuild-std=core");
                cargo
            }
            None => Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into())),
        };
        cargo
            .args([
                "build",
                "--release",
                "--lib",
                "--target",
                target,
                "--manifest-path",
            ])
            .arg(manifest)
            .arg("--target-dir")
            .arg(&folder)
            // As in a program, where thread-local variables are at a fixed offset.
            .env("RUSTFLAGS", "--emit=asm -Crelocation-model=static")
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
            .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
            // Link-time optimization would leave no code to look at before the link.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        if target == X86 {
            // There std is at hand.
            cargo.args(["--features", "std"]);
        }
        let built = cargo.output().unwrap();
        assert!(
            built.status.success(),
            "{cargo:?}\n{}",
            String::from_utf8_lossy(&built.stderr)
        );
        let crates = folder.join(target).join("release/deps");
        let functions = ["pintle_codegen_rcu", "pintle_rcu", "pintle_park"]
            .iter()
            .flat_map(|name| functions(&newest(&crates, name)))
            .collect();
        Self { functions }
    }

    fn function(&self, name: &str) -> &Function {
        let function = self.functions.get(name);
        function.unwrap_or_else(|| panic!("there is no function {name}"))
    }

    fn paths(&self, name: &str) -> Vec<Path> {
        let paths = self.function(name).paths();
        assert!(!paths.is_empty(), "{name} never returns");
        paths
    }

    /// The function that has this in its mangled name.
    fn containing(&self, part: &str) -> (&str, &Function) {
        let mut found = self
            .functions
            .iter()
            .filter(|(name, _)| name.contains(part));
        match (found.next(), found.next()) {
            (Some((name, function)), None) => (name, function),
            (first, _) => panic!(
                "{} functions are called {part}",
                if first.is_some() { "several" } else { "no" }
            ),
        }
    }
}

/// The assembly of a crate: its last, as other compilers may have left theirs in the folder.
fn newest(folder: &FilePath, name: &str) -> String {
    let prefix = format!("{name}-");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let assembly = files
        .filter(|file| {
            let name = file.file_name();
            let name = name.to_string_lossy();
            name.starts_with(&prefix) && name.ends_with(".s")
        })
        .max_by_key(|file| file.metadata().unwrap().modified().unwrap());
    fs::read_to_string(assembly.expect("the compiler has written assembly").path()).unwrap()
}
