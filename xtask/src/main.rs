//! What a developer or a self-hoster runs: `cargo xtask serve`, `cargo xtask test`,
//! `cargo xtask build`, `cargo xtask import`, `cargo xtask bench`. Each command sets up what it needs first.

mod bench;
mod browser;
mod import;
mod models;
mod node;
mod out_folder;
mod serve;
mod setup;
mod shell;
mod site;
mod sizes;
mod test;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand, ValueEnum};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, serves, tests and measures Resilient AI")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build everything, serve it on this computer and print the address.
    Serve {
        #[arg(long, default_value_t = 8080)]
        port: u16,
        /// The path to serve under, beginning and ending with a slash.
        #[arg(long, default_value = "/")]
        public_url: String,
        /// Leave the WebGPU engine out: the first build is then much shorter.
        #[arg(long)]
        no_webgpu: bool,
    },
    /// Leave a static folder that any web server can serve, under any path.
    Build {
        /// The path it will be served under, beginning and ending with a slash.
        #[arg(long, default_value = "/")]
        public_url: String,
        /// The folder to write: a new one, an empty one, or one that holds an earlier build.
        #[arg(long, default_value = "dist")]
        out: PathBuf,
        #[arg(long)]
        no_webgpu: bool,
        /// Build the page alone and keep the engines of the last build.
        #[arg(long)]
        page_only: bool,
    },
    /// Make a model part of the sites that are built from here, from files that you have.
    Import {
        model: Importable,
        /// The folder with the official files: config.json, tokenizer.json, the weights and their
        /// index.
        folder: PathBuf,
    },
    /// Run every check and test there is.
    Test {
        /// Stop before the tests that need a browser.
        #[arg(long)]
        native_only: bool,
        /// Leave out the WebGPU engine, which is long to build, and its tests.
        #[arg(long)]
        no_webgpu: bool,
    },
    /// Measure speed against TensorFlow.js and the size of what is shipped.
    Bench {
        /// Also write the results to this file.
        #[arg(long)]
        json: Option<PathBuf>,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum Importable {
    /// ShieldGemma 2B, for those who have accepted Gemma's terms of use.
    Shieldgemma,
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Command::Serve { port, public_url, no_webgpu } => {
            let site = site::Options::new(public_url, PathBuf::from("dist"), !no_webgpu)?;
            serve::run(&site, port)
        }
        Command::Build { public_url, out, no_webgpu, page_only } => {
            let mut options = site::Options::new(public_url, out, !no_webgpu)?;
            options.engines = !page_only;
            site::build(&options)?;
            sizes::report(&options.out)?;
            Ok(())
        }
        Command::Import { model: Importable::Shieldgemma, folder } => import::shieldgemma(&folder),
        Command::Test { native_only, no_webgpu } => test::run(native_only, !no_webgpu),
        Command::Bench { json } => bench::run(json.as_deref()),
    }
}
