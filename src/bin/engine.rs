fn main() {
    resilient_ai::engine::start();
}
