//! A function whose pings say what its prime is to do: `pings HANDLER` runs one of the handlers. With `TRACED` set it logs
//! through `tracing`, with `CLOCKLESS` set its runtime has no clock.

mod handlers;
mod prime;

use lambda_runtime::Error;
use tokio::runtime::Builder;

fn main() -> Result<(), Error> {
    let is_set = |name| std::env::var_os(name).is_some();
    if is_set("TRACED") {
        lambda_runtime::tracing::init_default_subscriber();
    }
    let runtime = match is_set("CLOCKLESS") {
        true => Builder::new_current_thread().enable_io().build()?,
        false => Builder::new_multi_thread().enable_all().build()?,
    };
    runtime.block_on(handlers::start(&std::env::args().nth(1).unwrap_or_default()))
}
