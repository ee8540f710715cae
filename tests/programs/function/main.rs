//! A function for the tests over the Runtime API: `function HANDLER` runs one of the annotated handlers,
//! `function HANDLER --without` the same handler without the attribute. With `SUBSCRIBER` set it logs through `tracing`.

#[macro_use]
mod handlers;
mod policies;
mod types;

use lambda_runtime::Error;

mod with {
    handlers!(#[warm_runtime::warmable]);
}

mod without {
    handlers!();
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    if std::env::var_os("SUBSCRIBER").is_some() {
        lambda_runtime::tracing::init_default_subscriber();
    }
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [handler, "--without"] => without::start(handler).await,
        ["policy", policy] => policies::start(policy).await,
        [handler] => with::start(handler).await,
        _ => Err("say which handler to run".into()),
    }
}
