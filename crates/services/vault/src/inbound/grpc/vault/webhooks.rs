use tonic::{Request, Status};

use crate::app::Vault;

#[expect(clippy::unused_async, reason = "called like the others")]
pub(super) async fn unbuilt<T, A>(_: &Vault, _: Request<T>) -> Result<A, Status> {
    Err(Status::unimplemented("not yet"))
}
