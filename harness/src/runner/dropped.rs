//! A key's answer after which the connection was dropped: a connection breaks now and then, and a portal that
//! falls over does so again. It is given once more from a new challenge, where nothing came of the first.

use profile::error::Error;
use reports::record::Reply;

use super::ceremonies::{Listed, count};
use crate::story::{Break, Person, Response};

/// Whether nobody answered, and nobody else is signed in than before.
pub(super) fn is_without_an_answer(response: &Response) -> bool {
    response.answer.reply == Reply::Dropped && response.after == response.before
}

/// Whether the list of keys is as it was. Where there is none, or it cannot be read, nobody knows.
pub(super) async fn added_nothing(person: &mut Person, before: &Listed) -> Result<bool, Break> {
    match before {
        Some(Some(_)) => Ok(count(person).await? == *before),
        Some(None) | None => Ok(false),
    }
}

/// Gives it once more. `None` where that may not be, or does not come to an answer: then the first stands.
pub(super) async fn once_more<T>(
    first: &Response,
    again: impl Future<Output = Result<T, Break>>,
) -> Result<Option<T>, Break> {
    first.shared.scene.recorder.act("(the connection was dropped: once more from a new challenge)");
    match again.await {
        Ok(again) => Ok(Some(again)),
        Err(
            Break::Ours(Error::NotAllowed(_))
            | Break::Broke { .. }
            | Break::ControlRefused { .. }
            | Break::Unclear { .. },
        ) => Ok(None),
        Err(Break::Ours(error)) => Err(Break::Ours(error)),
    }
}

#[cfg(test)]
mod tests;
