//! Names the shared library as programs look for it when they start.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let of_target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}"));
    let abi = env!("CARGO_PKG_VERSION_MAJOR");
    let arguments = if of_target("VENDOR").as_deref() == Ok("apple") {
        vec![format!(
            "-Wl,-install_name,@rpath/libcalltransfer.{abi}.dylib"
        )]
    } else if of_target("FAMILY").as_deref() == Ok("unix") {
        // Threads of its own may run when a host unloads it: it stays.
        vec![
            format!("-Wl,-soname,libcalltransfer.so.{abi}"),
            "-Wl,-z,nodelete".to_owned(),
        ]
    } else {
        Vec::new()
    };
    for argument in arguments {
        println!("cargo::rustc-cdylib-link-arg={argument}");
    }
}
