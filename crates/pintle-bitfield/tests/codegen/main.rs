//! What a field costs: the instructions of `crates/codegen`, whose functions are all written twice,
//! by field and by hand, compared.
//!
//! Natively on x86_64 Linux, and by `cargo xtask codegen` for a microcontroller, too. It tells this
//! test by the environment what to compile for (`PINTLE_CODEGEN_TARGET`; nothing is skipped then), and
//! who builds `core` where it has to be built (`PINTLE_CARGO`, `PINTLE_RUSTC`).
#![cfg(all(feature = "atomic", not(loom), not(miri)))]

mod asm;

use asm::Assembly;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// At least so many pairs there are, or they were not found.
const PAIRS: usize = 40;

#[test]
fn a_field_is_what_one_writes_by_hand() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../codegen/Cargo.toml");
    let Some(target) = target() else { return };
    if !source.exists() {
        assert!(asked_for().is_none(), "there is no {}", source.display());
        // This crate as it is on crates.io.
        return;
    }
    let assembly = Assembly::parse(&compile(&source, &target));
    let pairs = assembly.pairs("field.", "hand.");
    assert!(pairs.len() >= PAIRS, "found {} pairs only", pairs.len());
    let differ: Vec<_> = pairs.iter().filter_map(asm::Pair::difference).collect();
    assert!(
        differ.is_empty(),
        "{} of {} pairs differ on {target}:\n\n{}",
        differ.len(),
        pairs.len(),
        differ.join("\n\n")
    );
}

/// What to compile for; nothing, if these are instructions that nobody has looked at.
fn target() -> Option<String> {
    let native = cfg!(all(
        target_arch = "x86_64",
        target_os = "linux",
        target_env = "gnu"
    ));
    asked_for().or_else(|| native.then(|| "x86_64-unknown-linux-gnu".to_owned()))
}

/// What `cargo xtask codegen` asks for.
fn asked_for() -> Option<String> {
    env::var("PINTLE_CODEGEN_TARGET").ok()
}

/// Compiles the pairs as an application that wants speed does, and returns the assembly.
fn compile(manifest: &Path, target: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("codegen");
    fs::create_dir_all(&folder).unwrap();
    let output = folder.join(format!("{target}.s"));

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
            "rustc",
            "--release",
            "--lib",
            "--target",
            target,
            "--manifest-path",
        ])
        .arg(manifest)
        .arg("--target-dir")
        .arg(&folder)
        .arg("--")
        .arg(format!("--emit=asm={}", output.display()))
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "3")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
        .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
        // Link-time optimization would leave no code to look at before the link.
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        // What this test was built with is not what is compared.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    let built = cargo.output().unwrap();
    assert!(
        built.status.success(),
        "{cargo:?}\n{}",
        String::from_utf8_lossy(&built.stderr)
    );
    fs::read_to_string(output).unwrap()
}
