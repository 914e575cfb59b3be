//! The build script of the boards: where the linker finds a chip's memory, and the order of things in it.

use std::{env, error::Error};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=memory.x");
    println!(
        "cargo:rustc-link-search={}",
        env::var("CARGO_MANIFEST_DIR")?
    );
    println!("cargo:rustc-link-arg=-Tlink.x");
    Ok(())
}
