//! Has a release build take up a console that was built anew; other builds read it from the disk when it is asked for.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_some() {
        return;
    }
    // Cargo takes what is not there for changed, every time; where nothing may be written, it does.
    let _ = std::fs::create_dir_all(Path::new("dist"));
    println!("cargo::rerun-if-changed=dist");
}
