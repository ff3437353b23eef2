//! The polls that are running: tasks of one set, never more than there is room for.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

use tokio::task::{Id, JoinSet};

use crate::config::Feed;
use crate::model::FeedId;
use crate::poll::{Polled, Tools, poll, receive};
use crate::store;
use crate::websub::Delivery;

/// The polls that are running.
pub(super) struct Polls {
    room: NonZeroUsize,
    tasks: JoinSet<Result<Polled, store::Error>>,
    running: BTreeMap<Id, Running>,
}

/// A poll, and what it was begun with.
pub(super) struct Running {
    pub(super) feed: Arc<Feed>,
    pub(super) tools: Arc<Tools>,
}

impl Polls {
    pub(super) fn new(room: NonZeroUsize) -> Self {
        Self { room, tasks: JoinSet::new(), running: BTreeMap::new() }
    }

    pub(super) fn resize(&mut self, room: NonZeroUsize) {
        self.room = room;
    }

    pub(super) fn len(&self) -> usize {
        self.tasks.len()
    }

    pub(super) fn has_room(&self) -> bool {
        self.len() < self.room.get()
    }

    pub(super) fn is_running(&self, feed: &FeedId) -> bool {
        self.running.values().any(|running| running.feed.id == *feed)
    }

    pub(super) fn start(&mut self, feed: Arc<Feed>, tools: &Arc<Tools>) {
        let task = self.tasks.spawn(poll(Arc::clone(&feed), Arc::clone(tools)));
        self.running.insert(task.id(), Running { feed, tools: Arc::clone(tools) });
    }

    /// Takes in what a hub sent.
    pub(super) fn receive(&mut self, feed: Arc<Feed>, push: Delivery, tools: &Arc<Tools>) {
        let task = self.tasks.spawn(receive(Arc::clone(&feed), push, Arc::clone(tools)));
        self.running.insert(task.id(), Running { feed, tools: Arc::clone(tools) });
    }

    /// The next poll to end, with none for one that ended in a panic; none when nothing runs.
    pub(super) async fn next(&mut self) -> Option<(Running, Option<Result<Polled, store::Error>>)> {
        let (task, polled) = match self.tasks.join_next_with_id().await? {
            Ok((task, polled)) => (task, Some(polled)),
            Err(error) => (error.id(), None),
        };
        let running = self.running.remove(&task)?;
        Some((running, polled))
    }
}
