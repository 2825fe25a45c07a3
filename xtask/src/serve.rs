//! A web server for this computer alone.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context, Result};
use axum::{
    Router,
    http::{HeaderName, HeaderValue},
    response::Redirect,
    routing::get,
};
use tower_http::{services::ServeDir, set_header::SetResponseHeaderLayer};

use crate::{shell::root, site};

/// Builds the site and serves it until the process is stopped.
///
/// Lessons, styles and photographs come from the build; what is edited is seen after the next
/// `cargo xtask serve`.
pub fn run(options: &site::Options, port: u16) -> Result<()> {
    site::build(options)?;
    let folder = ServeDir::new(root().join(&options.out));
    let revalidate = SetResponseHeaderLayer::overriding(
        HeaderName::from_static("cache-control"),
        HeaderValue::from_static("no-cache"),
    );
    let public_url = options.public_url.clone();
    let app = if public_url == "/" {
        Router::new().fallback_service(folder)
    } else {
        let home = public_url.clone();
        let lead_home = get(move || async move { Redirect::temporary(&home) });
        // Without its last slash the page's relative addresses would lead elsewhere.
        Router::new()
            .nest_service(&public_url, folder)
            .route(public_url.trim_end_matches('/'), lead_home.clone())
            .route("/", lead_home)
    }
    .layer(revalidate);

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = tokio::net::TcpListener::bind(address).await.with_context(|| {
            format!("nothing can be served on port {port}; --port chooses another")
        })?;
        println!(
            "\nResilient AI is at http://{}{public_url}  (Ctrl+C stops it)",
            listener.local_addr()?
        );
        axum::serve(listener, app)
            .with_graceful_shutdown(async {
                let _ = tokio::signal::ctrl_c().await;
            })
            .await?;
        Ok(())
    })
}
