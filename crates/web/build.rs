//! Takes the files of `static/` into the binary (release), or notes where they are (debug).

use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() {
    println!("cargo::rerun-if-changed=../../templates");
    let files = fs::canonicalize(Path::new("../../static")).expect("static/ stands at the root of the repository");
    // By its whole path: of two clones with one target directory, the other notices when this one is gone.
    println!("cargo::rerun-if-changed={}", files.display());
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let embed = env::var_os("PROFILE").is_some_and(|profile| profile == "release");
    // As `memory_serve::load_directory` does, without a warning for each file.
    let assets = memory_serve::assets_to_code(&files.to_string_lossy(), &files, &out, embed, |_| ());
    let code = format!("&[(\"default\", {assets})]");
    fs::write(out.join("memory_serve_assets.rs"), code).expect("OUT_DIR can be written");
}
