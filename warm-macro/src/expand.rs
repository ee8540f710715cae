//! The last stage: the code that the attribute stands for. The user's function goes on under another name, whole; beside it
//! stands a thin one under the user's name, which differs in its types and asks whether the event is a ping.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{
    Attribute, Error, FnArg, GenericArgument, GenericParam, Pat, Path, PathArguments, Receiver, ReceiverKind, Result,
    ReturnType, Signature, Type, parse_quote, parse_quote_spanned,
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
        if args.in_impl || handler.is_associated() {
            return Err(Error::new(
                handler.signature.ident.span(),
                "no type can be written beside a method, and a policy is one; \
                 write `enum Pings {} impl warm_runtime::Policy for Pings { … }` before the `impl` block, \
                 and `#[warmable(policy = Pings)]` here",
            ));
        }
        let name = format_ident!("{}_policy", handler.signature.ident, span = Span::mixed_site());
        let items = settings.iter().map(|setting| policy_item(setting, runtime));
        let attributes = handler.attributes.iter().filter_map(for_all);
        let visibility = &handler.visibility;
        let item = quote! {
            #(#attributes)*
            #[doc(hidden)]
            #[allow(non_camel_case_types, unreachable_pub)]
            #visibility enum #name {}
            impl #runtime::Policy for #name { #(#items)* }
        };
        Ok(Self { path: parse_quote!(#name), item: Some(item) })
    }
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
    }
}

/// The function under the user's name.
fn warmable(args: &Args, handler: &Handler, policy: &Type) -> Result<TokenStream> {
    let runtime = &args.runtime;
    let parameters = parameters(handler, runtime, policy);
    let output = warmed_output(&handler.output, runtime)?;
    let mut signature = handler.signature.clone();
    signature.inputs = parameters.inputs;
    if let ReturnType::Type(_, ty) = &mut signature.output {
        **ty = output;
    }
    let call = call(args, handler, &parameters.names);
    let event = &parameters.names[handler.event];
    // As the return type is explained once, in the signature, an error for the call has to fall on the same tokens.
    let warmed = match mentions(&handler.output, "impl") {
        true => quote!(#call.await.map(#runtime::Outcome::from)),
        false => quote_spanned!(handler.output.span()=> #runtime::HandlerOutput::warmed(#call.await)),
    };
    let attributes = handler.attributes.iter().filter_map(for_the_name);
    let visibility = &handler.visibility;
    Ok(quote! {
        #(#attributes)*
        #visibility #signature {
            match #runtime::Incoming::open(#event) {
                ::core::result::Result::Ok(#event) => #warmed,
                ::core::result::Result::Err(ping) => ::core::result::Result::Ok(ping.answer().await),
            }
        }
    })
}

struct Parameters {
    inputs: syn::punctuated::Punctuated<FnArg, syn::Token![,]>,
    /// One for each of the inputs.
    names: Vec<Ident>,
}

fn parameters(handler: &Handler, runtime: &Path, policy: &Type) -> Parameters {
    let inputs = handler.signature.inputs.iter().enumerate();
    let (inputs, names) = inputs
        .map(|(at, input)| -> (FnArg, Ident) {
            match input {
                FnArg::Receiver(receiver) => (FnArg::Receiver(immutable(receiver)), format_ident!("self")),
                FnArg::Typed(typed) => {
                    let name = name(&typed.pat, at, handler.event);
                    let ty = &typed.ty;
                    let input = match at == handler.event {
                        true => parse_quote_spanned! {ty.span()=>
                            #name: <#ty as #runtime::HandlerInput>::Wire<#policy>
                        },
                        false => parse_quote!(#name: #ty),
                    };
                    (input, name)
                }
            }
        })
        .unzip();
    Parameters { inputs, names }
}

/// A parameter of the thin function is a plain name, whatever pattern the user's function has there.
fn name(pattern: &Pat, at: usize, event: usize) -> Ident {
    match pattern {
        _ if at == event => Ident::new("event", Span::mixed_site()),
        Pat::Ident(pattern) if !pattern.ident.to_string().starts_with('_') => pattern.ident.clone(),
        _ => format_ident!("argument{at}", span = Span::mixed_site()),
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
        return Ok(parse_quote_spanned!(output.span()=> <#output as #runtime::HandlerOutput>::Warmed));
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

/// The call of the user's function.
fn call(args: &Args, handler: &Handler, names: &[Ident]) -> TokenStream {
    let name = unwarmed_name(&handler.signature);
    let generics: Vec<_> = handler.signature.generics.params.iter().filter_map(generic_argument).collect();
    let generics = (!generics.is_empty()).then(|| quote!(::<#(#generics),*>));
    if handler.signature.receiver().is_some() {
        let names = &names[1..];
        quote!(self.#name #generics(#(#names),*))
    } else if args.in_impl || handler.is_associated() {
        quote!(Self::#name #generics(#(#names),*))
    } else {
        quote!(#name #generics(#(#names),*))
    }
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
        #[allow(clippy::missing_errors_doc, dead_code, unreachable_pub)]
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
        syn::Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let named = arguments.to_string();
    if named.starts_with('"') || mentions(&arguments, "name") {
        return attribute.to_token_stream();
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
        syn::Meta::List(list) if named(&["expect"]) => {
            let lints = &list.tokens;
            Some(parse_quote!(#[allow(#lints)]))
        }
        _ => None,
    }
}

fn for_the_name(attribute: &Attribute) -> Option<Attribute> {
    if is_of_the_name(attribute) { Some(attribute.clone()) } else { for_all(attribute) }
}
