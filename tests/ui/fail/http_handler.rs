use lambda_http::{Body, Error, Request, Response, run, service_fn};
use warm_runtime::warmable;

#[warmable]
async fn handler(request: Request) -> Result<Response<Body>, Error> {
    Ok(Response::new(request.into_body()))
}

fn main() {
    drop(run(service_fn(handler)));
}
