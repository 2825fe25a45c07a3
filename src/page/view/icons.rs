//! The few signs of the interface, drawn in the colour of the text around them.

use leptos::prelude::*;

/// The product's mark: nine pixels, one of them moved.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
            <path d="M3 3h7v7H3zM12.5 3h7v7h-7zM22 3h7v7h-7zM3 12.5h7v7H3zM22 12.5h7v7h-7zM3 22h7v7H3zM12.5 22h7v7h-7zM22 22h7v7h-7z" />
            <path class="mark-moved" d="M14.6 10.4h7v7h-7z" />
        </svg>
    }
}

/// A sign drawn as lines in a square of 24.
#[component]
pub fn Icon(
    /// An SVG path.
    path: &'static str,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
            <path d=path />
        </svg>
    }
}

/// Three lines: the contents.
pub const MENU: &str = "M4 7h16M4 12h11M4 17h16";
/// A cross.
pub const CLOSE: &str = "M6 6l12 12M18 6L6 18";
/// A tick: done.
pub const CHECK: &str = "M5 12.5l4.5 4.5L19 7.5";
/// An arrow back.
pub const LEFT: &str = "M19 12H5M11 6l-6 6 6 6";
/// An arrow on.
pub const RIGHT: &str = "M5 12h14M13 6l6 6-6 6";
/// Light colours.
pub const SUN: &str = "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M4.9 4.9l1.8 1.8M17.3 17.3l1.8 1.8M4.9 19.1l1.8-1.8M17.3 6.7l1.8-1.8";
/// Dark colours.
pub const MOON: &str = "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z";
/// The system's colours: half and half.
pub const SYSTEM: &str = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 3v18M12 7h6.5M12 12h9M12 17h6.5";
/// A chip: the device.
pub const CHIP: &str = "M7 7h10v10H7zM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4";
