//! macOS links symbols that come from the interpreter only when told so; maturin tells it by itself.

fn main() {
    pyo3_build_config::add_extension_module_link_args();
}
