use lambda_http::{Body, Error, Request, Response};
use warm_runtime::warmable;

#[warmable]
async fn handler(request: Request) -> Result<Response<Body>, Error> {
    Ok(Response::new(request.into_body()))
}

fn main() {}
