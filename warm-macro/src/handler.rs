//! The second stage: the function that the attribute stands on. Its body stays a token stream that nobody looks into, so
//! that errors and completion inside it are those of a plain function, even while it is half written.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, Error, FnArg, PatType, Result, ReturnType, Safety, Signature, Type, Visibility, token};

/// A handler that can be made warmable.
pub(crate) struct Handler {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) output: Type,
    pub(crate) body: TokenStream,
    /// Which of the parameters is the event.
    pub(crate) event: usize,
}

impl Handler {
    pub(crate) fn parse(item: TokenStream) -> Result<Self> {
        let Function { attributes, visibility, signature, body } = Function::parse.parse2(item)?;
        check(&attributes, &signature)?;
        let output = output(&signature)?;
        let event = event(&signature)?;
        Ok(Self { attributes, visibility, signature, output, body, event })
    }

    /// Whether the signature shows that the handler stands in an `impl` block.
    pub(crate) fn is_associated(&self) -> bool {
        self.signature.receiver().is_some() || mentions(&self.signature, "Self")
    }
}

/// Whether a word stands anywhere in the tokens.
pub(crate) fn mentions(tokens: &impl ToTokens, word: &str) -> bool {
    fn within(tokens: TokenStream, word: &str) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Group(group) => within(group.stream(), word),
            TokenTree::Ident(ident) => ident == word,
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    within(tokens.to_token_stream(), word)
}

/// Any function, its body unread.
struct Function {
    attributes: Vec<Attribute>,
    visibility: Visibility,
    signature: Signature,
    body: TokenStream,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let keyword = input.fork().parse::<TokenTree>()?;
        let signature = input.parse().map_err(|error| {
            const BEGINS_A_FUNCTION: [&str; 5] = ["fn", "async", "const", "unsafe", "extern"];
            let keyword = keyword.to_string();
            if BEGINS_A_FUNCTION.contains(&keyword.as_str()) && mentions(&input.cursor().token_stream(), "fn") {
                error
            } else {
                input.error("`#[warmable]` goes over a handler: `async fn handler(event: LambdaEvent<…>) -> Result<…>`")
            }
        })?;
        if !input.peek(token::Brace) {
            return Err(input.error("`#[warmable]` goes over a handler with a body"));
        }
        Ok(Self { attributes, visibility, signature, body: input.parse()? })
    }
}

/// What no handler can be, each an error of its own.
fn check(attributes: &[Attribute], signature: &Signature) -> Result<()> {
    if signature.ident == "main" {
        return Err(Error::new_spanned(
            &signature.ident,
            "`main` starts the runtime and sees no event; put `#[warmable]` over the handler that `main` passes on",
        ));
    }
    let mut errors = Vec::new();
    let mut refuse = |tokens: &dyn ToTokens, what: &str| errors.push(Error::new_spanned(tokens, what));
    if let Some(again) = attributes.iter().find(|attribute| is_named(attribute, "warmable")) {
        refuse(again, "`#[warmable]` stands over this handler twice; remove one of them");
    }
    if let Some(constness) = &signature.constness {
        refuse(constness, "a handler cannot be `const`; remove the word");
    }
    if let Safety::Unsafe(safety) = &signature.safety {
        refuse(
            safety,
            "`lambda_runtime` calls no `unsafe` handler; remove the word, and use `unsafe` inside the handler",
        );
    }
    if let Some(abi) = &signature.abi {
        refuse(abi, "`lambda_runtime` calls no `extern` handler; remove the ABI");
    }
    if signature.asyncness.is_none() && signature.constness.is_none() {
        refuse(&signature.fn_token, "a warmable handler is an `async fn`; write `async` before `fn`");
    }
    errors
        .into_iter()
        .reduce(|mut all, error| {
            all.combine(error);
            all
        })
        .map_or(Ok(()), Err)
}

/// Whether this is the attribute of that name, by whatever path.
pub(crate) fn is_named(attribute: &Attribute, name: &str) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == name)
}

fn output(signature: &Signature) -> Result<Type> {
    match &signature.output {
        ReturnType::Type(_, output) => Ok((**output).clone()),
        ReturnType::Default => Err(Error::new(
            signature.paren_token.span.close(),
            "a warmable handler returns a `Result`; write `-> Result<(), lambda_runtime::Error>` behind the parameters",
        )),
    }
}

/// The event is the parameter whose type is written `LambdaEvent<…>`; where it has another name, the first one.
fn event(signature: &Signature) -> Result<usize> {
    let typed = || {
        signature.inputs.iter().enumerate().filter_map(|(at, input)| match input {
            FnArg::Typed(typed) => Some((at, typed)),
            FnArg::Receiver(_) => None,
        })
    };
    let named = typed().find(|(_, PatType { ty, .. })| is_lambda_event(ty));
    match named.or_else(|| typed().next()) {
        Some((at, _)) => Ok(at),
        None => Err(Error::new(
            signature.paren_token.span.span(),
            "a warmable handler takes the event; write `event: lambda_runtime::LambdaEvent<…>` as a parameter",
        )),
    }
}

fn is_lambda_event(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "LambdaEvent"))
}
