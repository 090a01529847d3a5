//! The `campanella` executable: everything is in the library.

fn main() -> std::process::ExitCode {
    campanella::cli::main()
}
