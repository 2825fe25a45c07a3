//! Starts the page in the main thread.

fn main() {
    console_error_panic_hook::set_once();
    resilient_ai::page::start();
}
