//! The last stage: the code that the attribute stands for. The user's function goes on under another name, whole; beside it
//! stands a thin one under the user's name, which differs in its types and asks whether the event is a ping.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, FnArg, GenericArgument, GenericParam, Meta, Pat, PatType, Path, PathArguments, Receiver,
    ReceiverKind, Result, ReturnType, Signature, Token, Type, parse_quote,
};

use crate::args::{Args, Policy, Setting};
use crate::handler::{Handler, is_named, mentions};

pub(crate) fn expand(args: &Args, handler: &Handler) -> Result<TokenStream> {
    let policy = HandlerPolicy::new(args, handler)?;
    let warmable = warmable(args, handler, &policy.path)?;
    let unwarmed = unwarmed(handler);
    let policy = &policy.item;
    Ok(quote!(#policy #warmable #unwarmed))
}

/// The handler's policy as a type, and the item that defines it where the attribute does.
struct HandlerPolicy {
    path: Type,
    item: Option<TokenStream>,
}

impl HandlerPolicy {
    fn new(args: &Args, handler: &Handler) -> Result<Self> {
        let runtime = &args.runtime;
        let settings = match &args.policy {
            Policy::Default => return Ok(Self { path: parse_quote!(#runtime::EventBridge), item: None }),
            Policy::Named(policy) => return Ok(Self { path: (**policy).clone(), item: None }),
            Policy::Written(settings) => settings,
        };
        if args.associated || handler.is_associated() {
            return Err(Error::new(
                handler.signature.ident.span(),
                "no type can be written beside a method, and a policy is one; \
                 write `enum Pings {} impl warm_runtime::Policy for Pings { … }` before the `impl` block, \
                 and `#[warmable(policy = Pings)]` here",
            ));
        }
        let name = policy_name(&handler.signature.ident);
        let items = settings.iter().map(|setting| policy_item(setting, runtime));
        let attributes = handler.attributes.iter().filter_map(for_all);
        let visibility = &handler.visibility;
        let item = quote! {
            #(#attributes)*
            #[doc(hidden)]
            #visibility enum #name {}
            impl #runtime::Policy for #name { #(#items)* }
        };
        Ok(Self { path: parse_quote!(#name), item: Some(item) })
    }
}

/// `FindCallerPings` for the handler `find_caller`: where the compiler names the type in an error, it says what it is for.
fn policy_name(handler: &Ident) -> Ident {
    let capitalized = |word: &str| {
        let mut letters = word.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    };
    let handler: String = handler.unraw().to_string().split('_').map(capitalized).collect();
    format_ident!("{handler}Pings", span = Span::call_site())
}

fn policy_item(setting: &Setting, runtime: &Path) -> TokenStream {
    match setting {
        Setting::Source(sources) => quote!(const SOURCES: &'static [&'static str] = &[#(#sources),*];),
        Setting::Flag(flag) => quote! {
            const FLAG: ::core::option::Option<&'static str> = ::core::option::Option::Some(#flag);
        },
        Setting::Rule(rules) => quote!(const RULES: &'static [&'static str] = &[#(#rules),*];),
        Setting::When(when) => quote! {
            fn when(event: &#runtime::ScheduledEvent<'_>) -> bool {
                let when: fn(&#runtime::ScheduledEvent<'_>) -> bool = #when;
                when(event)
            }
        },
        Setting::Status(status) => quote!(const STATUS: u16 = #status;),
        Setting::Response(response) => quote!(const RESPONSE: &'static str = #response;),
        Setting::EventType(event_type) => quote!(const EVENT_TYPE: &'static str = #event_type;),
        Setting::Case(case) => quote!(const CASE: #runtime::Case = #runtime::Case::#case;),
        Setting::Log(level) => {
            let level = match level {
                Some(level) => quote!(Some(#runtime::Level::#level)),
                None => quote!(None),
            };
            quote!(const LOG: ::core::option::Option<#runtime::Level> = ::core::option::Option::#level;)
        }
        Setting::Report(report) => quote!(const REPORT: bool = #report;),
        Setting::Metrics(namespace) => quote! {
            const METRICS: ::core::option::Option<&'static str> = ::core::option::Option::Some(#namespace);
        },
        Setting::PrimeTimeout(ms) => quote! {
            const PRIME_TIMEOUT: ::core::option::Option<::core::time::Duration> =
                ::core::option::Option::Some(::core::time::Duration::from_millis(#ms));
        },
        Setting::MaxHold(ms) => quote! {
            const MAX_HOLD: ::core::time::Duration = ::core::time::Duration::from_millis(#ms);
        },
    }
}

/// The function under the user's name.
///
/// What is written here has the place of the user's types and braces, not that of the attribute: a type that does not fit
/// is then one error, in the signature, which the body repeats to the letter, and so the compiler prints it once.
fn warmable(args: &Args, handler: &Handler, policy: &Type) -> Result<TokenStream> {
    let runtime = &args.runtime;
    let Handler { visibility, output, .. } = handler;
    let parameters = parameters(handler, runtime, policy);
    let mut signature = handler.signature.clone();
    signature.inputs = parameters.inputs;
    if let ReturnType::Type(_, ty) = &mut signature.output {
        **ty = warmed_output(output, runtime)?;
    }

    let event = &parameters.names[handler.event];
    let call = call(args, handler, &parameters.names);
    let warmed = match mentions(output, "impl") {
        true => quote_spanned!(output.span()=> #call.await.map(#runtime::Outcome::from)),
        false => {
            let warmed = through(output, &quote!(#runtime::HandlerOutput), "warmed");
            quote_spanned!(output.span()=> #warmed(#call.await))
        }
    };
    let ping = Ident::new("ping", Span::mixed_site());
    let answer = answer(args, handler, &parameters.names, &ping);
    let body = quote_spanned! {output.span()=>
        match #runtime::WireEvent::open(#event) {
            ::core::result::Result::Ok(#event) => #warmed,
            ::core::result::Result::Err(#ping) => ::core::result::Result::Ok(#answer.await),
        }
    };
    let mut braces = Group::new(Delimiter::Brace, body);
    braces.set_span(handler.body.span());
    let attributes = handler.attributes.iter().filter_map(for_the_name);
    Ok(quote!(#(#attributes)* #visibility #signature #braces))
}

/// `<ty as of>::item`, in the place of `ty` from its first to its last token.
fn through(ty: &Type, of: &TokenStream, item: &str) -> TokenStream {
    let (first, last) = ends(ty);
    let less = quote_spanned!(first=> <);
    let item = Ident::new(item, last);
    quote_spanned!(last=> #less #ty as #of>::#item)
}

fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let first = tokens.span();
    (first, tokens.to_token_stream().into_iter().last().map_or(first, |token| token.span()))
}

struct Parameters {
    inputs: Punctuated<FnArg, Token![,]>,
    /// One for each of the inputs.
    names: Vec<Ident>,
}

fn parameters(handler: &Handler, runtime: &Path, policy: &Type) -> Parameters {
    let inputs = handler.signature.inputs.iter().enumerate();
    let (inputs, names) = inputs
        .map(|(at, input)| -> (FnArg, Ident) {
            let typed = match input {
                FnArg::Receiver(receiver) => {
                    return (FnArg::Receiver(immutable(receiver)), Ident::from(receiver.self_token));
                }
                FnArg::Typed(typed) => typed,
            };
            let (name, ty) = (name(typed, at, handler.event), &typed.ty);
            if at != handler.event {
                return (parse_quote!(#name: #ty), name);
            }
            let wire = through(ty, &quote!(#runtime::HandlerInput), "Wire");
            let policy = quote_spanned!(ends(ty).1=> <#policy>);
            (parse_quote!(#name: #wire #policy), name)
        })
        .unzip();
    Parameters { inputs, names }
}

/// A parameter of the thin function is a plain name, whatever pattern the user's function has there.
fn name(typed: &PatType, at: usize, event: usize) -> Ident {
    let span = typed.ty.span();
    match &*typed.pat {
        _ if at == event => Ident::new("event", span),
        Pat::Ident(pattern) if pattern.ident != "event" && !pattern.ident.to_string().starts_with('_') => {
            pattern.ident.clone()
        }
        _ => format_ident!("argument{at}", span = span),
    }
}

/// `self` that is passed on as it is need not be `mut`.
fn immutable(receiver: &Receiver) -> Receiver {
    let mut receiver = receiver.clone();
    if !matches!(receiver.kind, ReceiverKind::Reference(..)) {
        receiver.mutability = None;
    }
    receiver
}

/// The return type of the thin function. The compiler maps it, except that `impl Trait` cannot stand in the path of a trait.
fn warmed_output(output: &Type, runtime: &Path) -> Result<Type> {
    if !mentions(output, "impl") {
        let warmed = through(output, &quote!(#runtime::HandlerOutput), "Warmed");
        return Ok(parse_quote!(#warmed));
    }
    let mut output = output.clone();
    match response(&mut output) {
        Some(response) => {
            *response = parse_quote!(#runtime::Outcome<#response>);
            Ok(output)
        }
        None => Err(Error::new_spanned(
            output,
            "a warmable handler returns a `Result`; write `Result<impl …, lambda_runtime::Error>`",
        )),
    }
}

/// The response in `Result<response, error>`, or in an alias of it such as `anyhow::Result<response>`.
fn response(output: &mut Type) -> Option<&mut Type> {
    let Type::Path(path) = output else { return None };
    let PathArguments::AngleBracketed(arguments) = &mut path.path.segments.last_mut()?.arguments else { return None };
    arguments.args.iter_mut().find_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The call of the user's function. An associated function that is called as if it were none is not found: the compiler
/// then points at the attribute, and says "consider using the associated function on `Self`", the argument's name.
fn call(args: &Args, handler: &Handler, names: &[Ident]) -> TokenStream {
    let mut name = unwarmed_name(&handler.signature);
    let generics: Vec<_> = handler.signature.generics.params.iter().filter_map(generic_argument).collect();
    let generics = (!generics.is_empty()).then(|| quote!(::<#(#generics),*>));
    if handler.signature.receiver().is_some() {
        let names = &names[1..];
        quote!(self.#name #generics(#(#names),*))
    } else if args.associated || handler.is_associated() {
        quote!(Self::#name #generics(#(#names),*))
    } else {
        name.set_span(Span::call_site());
        quote!(#name #generics(#(#names),*))
    }
}

/// The answer to a ping, after the prime if there is one. It is given what the handler is given, the ping in the event's place.
fn answer(args: &Args, handler: &Handler, names: &[Ident], ping: &Ident) -> TokenStream {
    let Some(prime) = &args.prime else { return quote!(#ping.answer()) };
    let runtime = &args.runtime;
    let of_self = prime.segments.first().is_some_and(|segment| segment.ident == "Self");
    let receiver = usize::from(handler.signature.receiver().is_some());
    let receives = if of_self { &names[..receiver] } else { &[] };
    let further =
        names.iter().enumerate().filter(|(at, _)| *at >= receiver && *at != handler.event).map(|(_, name)| name);
    // In the prime's place, so that a parameter that does not fit is an error there.
    let ping = Ident::new(&ping.to_string(), ping.span().located_at(prime.span()));
    quote_spanned! {prime.span()=> #ping.answer_after(async {
        #runtime::PrimeOutput::primed(#prime(#(#receives,)* #ping.ping() #(, #further)*).await)
    })}
}

/// Lifetimes are left to the compiler, which refuses late-bound ones here.
fn generic_argument(parameter: &GenericParam) -> Option<&Ident> {
    match parameter {
        GenericParam::Type(ty) => Some(&ty.ident),
        GenericParam::Const(constant) => Some(&constant.ident),
        GenericParam::Lifetime(_) => None,
    }
}

fn unwarmed_name(signature: &Signature) -> Ident {
    format_ident!("{}_unwarmed", signature.ident)
}

/// The user's function, under its new name.
fn unwarmed(handler: &Handler) -> TokenStream {
    let Handler { attributes, visibility, body, .. } = handler;
    let mut signature = handler.signature.clone();
    signature.ident = unwarmed_name(&signature);
    let summary = format!(" `{}` as it was written, without an answer to pings.", handler.signature.ident);
    let docs = attributes.iter().filter(|attribute| attribute.path().is_ident("doc"));
    let attributes = attributes
        .iter()
        .filter(|attribute| !is_of_the_name(attribute))
        .map(|attribute| keep_span_name(attribute, &handler.signature.ident));
    quote! {
        #[doc = #summary]
        #[doc = ""]
        #(#docs)*
        #(#attributes)*
        #visibility #signature #body
    }
}

/// Whether an attribute belongs to the name that others call, rather than to the user's function.
fn is_of_the_name(attribute: &Attribute) -> bool {
    ["doc", "deprecated"].iter().any(|name| attribute.path().is_ident(name))
}

/// `#[tracing::instrument]` names its span after the function; the span keeps the name that the user gave the handler.
fn keep_span_name(attribute: &Attribute, name: &Ident) -> TokenStream {
    let arguments = match &attribute.meta {
        _ if !is_named(attribute, "instrument") => return attribute.to_token_stream(),
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    // An argument that begins with a string, or with `name`.
    let mut begins = true;
    for token in arguments.clone() {
        let names = matches!(&token, TokenTree::Literal(_)) || token.to_string() == "name";
        if begins && names {
            return attribute.to_token_stream();
        }
        begins = token.to_string() == ",";
    }
    let (path, name) = (attribute.path(), name.to_string());
    quote!(#[#path(name = #name, #arguments)])
}

/// An attribute as it applies to everything that is written: `cfg`, and lint levels. A lint that is expected in the user's
/// function need not occur in the rest.
fn for_all(attribute: &Attribute) -> Option<Attribute> {
    let named = |names: &[&str]| names.iter().any(|name| attribute.path().is_ident(name));
    if named(&["cfg", "allow", "warn", "deny", "forbid"]) {
        return Some(attribute.clone());
    }
    match &attribute.meta {
        Meta::List(list) if named(&["expect"]) => {
            let lints = &list.tokens;
            Some(parse_quote!(#[allow(#lints)]))
        }
        _ => None,
    }
}

fn for_the_name(attribute: &Attribute) -> Option<Attribute> {
    if is_of_the_name(attribute) { Some(attribute.clone()) } else { for_all(attribute) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(attribute: &Attribute) -> String {
        keep_span_name(attribute, &format_ident!("handler")).to_string().replace(' ', "")
    }

    #[test]
    fn a_span_keeps_the_name_of_the_handler() {
        assert_eq!(kept(&parse_quote!(#[instrument])), r#"#[instrument(name="handler",)]"#);
        assert_eq!(
            kept(&parse_quote!(#[tracing::instrument(level = "debug", fields(name = 1, "n"))])),
            r#"#[tracing::instrument(name="handler",level="debug",fields(name=1,"n"))]"#
        );
    }

    #[test]
    fn a_span_that_has_a_name_keeps_it() {
        for attribute in [
            parse_quote!(#[instrument("call")]),
            parse_quote!(#[instrument(name = "call", skip_all)]),
            parse_quote!(#[instrument(level = "debug", "call")]),
            parse_quote!(#[instrument(skip_all, name = NAME)]),
        ] {
            assert_eq!(kept(&attribute), attribute.to_token_stream().to_string().replace(' ', ""));
        }
    }

    #[test]
    fn other_attributes_stay_as_they_are() {
        let attribute = parse_quote!(#[cold]);
        assert_eq!(kept(&attribute), "#[cold]");
    }
}
