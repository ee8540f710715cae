//! The `#[warmable]` attribute of [`warm-runtime`](https://docs.rs/warm-runtime), which re-exports it. Depend on that crate:
//! what the attribute writes names its types.
//!
//! The stages, one module each: the attribute's arguments, the handler that it stands on, and the expansion.

#![forbid(unsafe_code)]

mod args;
mod duration;
mod expand;
mod handler;
mod suggest;

use proc_macro::TokenStream;

/// Lets a handler answer pings. It is documented where `warm_runtime` re-exports it.
#[proc_macro_attribute]
pub fn warmable(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    match warm(arguments.into(), item.clone()) {
        Ok(expansion) => expansion.into(),
        // The item goes on as if the attribute were not there, so that a mistake in the attribute is the only error.
        Err(error) => TokenStream::from_iter([TokenStream::from(error.into_compile_error()), item.into()]),
    }
}

fn warm(arguments: proc_macro2::TokenStream, item: proc_macro2::TokenStream) -> syn::Result<proc_macro2::TokenStream> {
    let args = args::Args::parse(arguments);
    let handler = handler::Handler::parse(item);
    match (args, handler) {
        (Ok(args), Ok(handler)) => expand::expand(&args, &handler),
        (Err(mut errors), Err(more)) => {
            errors.combine(more);
            Err(errors)
        }
        (Err(errors), Ok(_)) | (Ok(_), Err(errors)) => Err(errors),
    }
}
