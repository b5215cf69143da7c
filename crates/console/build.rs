//! Has a release build take up a console that was built anew; other builds read it from the disk when it is asked for.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // Cargo takes what is not there for changed, every time. Where nothing may be written, the console is just missing.
    let _ = std::fs::create_dir_all("dist");
    if std::env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_none() {
        println!("cargo::rerun-if-changed=dist");
    }
}
