//! A function for the tests over the Runtime API: `service KIND` starts a service by `warm_runtime`, `service KIND --without`
//! the same one by `lambda_runtime` or `lambda_http`.

mod events;
mod http;
mod room;

use lambda_runtime::Error;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (kind, warm) = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [kind] => (kind, true),
        [kind, "--without"] => (kind, false),
        _ => return Err("say which service to run".into()),
    };
    match kind.strip_prefix("http/") {
        Some(kind) => http::start(kind, warm).await,
        None => events::start(kind, warm).await,
    }
}
