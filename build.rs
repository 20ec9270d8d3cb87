//! The migrations are built into the program; cargo does not see by itself when one of them changes.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
