//! The learner's own picture, while there is one.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::for_the_page;
use crate::page::bench::own_picture::{self, OwnPicture};

/// The learner's own picture, here and in the browser's storage.
#[derive(Clone, Copy)]
pub struct OwnPictureState {
    held: RwSignal<Option<Arc<OwnPicture>>>,
}

/// The page's own picture of the learner. An earlier visit may have left one.
pub fn use_own_picture() -> OwnPictureState {
    for_the_page(|| {
        let state = OwnPictureState { held: RwSignal::new(None) };
        spawn_local(async move {
            state.recall().await;
        });
        state
    })
}

impl OwnPictureState {
    /// The picture, if there is one.
    pub fn get(self) -> Option<Arc<OwnPicture>> {
        self.held.get()
    }

    /// Takes a picture in place of the one before. Whether the browser keeps it, too.
    pub async fn keep(self, picture: Arc<OwnPicture>) -> bool {
        if self.held.get_untracked().is_some_and(|held| Arc::ptr_eq(&held, &picture)) {
            return true;
        }
        self.held.set(Some(picture.clone()));
        own_picture::keep(&picture).await
    }

    /// The picture, or the one that an earlier visit left.
    pub async fn recall(self) -> Option<Arc<OwnPicture>> {
        if self.held.with_untracked(Option::is_none) {
            let kept = own_picture::recall().await.map(Arc::new);
            // Another one may have come meanwhile.
            if kept.is_some() && self.held.with_untracked(Option::is_none) {
                self.held.set(kept);
            }
        }
        self.held.get_untracked()
    }

    /// Forgets the picture.
    pub fn forget(self) {
        self.held.set(None);
        spawn_local(own_picture::forget());
    }
}
