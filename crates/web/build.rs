//! Takes the files of `static/` into the binary (release), or notes where they are (debug).

fn main() {
    println!("cargo::rerun-if-changed=../../templates");
    memory_serve::load_directory("../../static");
}
