//! The developer's one entry point: `cargo xtask serve | dist | test | bench | record`.

fn main() {}
