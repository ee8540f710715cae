//! A policy that a team shares: a handler names a type, and which pings it answers stands in another
//! file, if not in another repository. What cannot be read is told, for a guess would pass a handler
//! that answers no ping.

use syn::{Expr, ExprLit, ImplItem, Item, ItemImpl, Lit, Type};

use super::Accepts;
use super::sources::{Crate, Module, Sources};

/// The policy of a plain `#[warmable]`, which may be named as well.
const DEFAULT: &str = "EventBridge";

/// What the policy `path`, named in `module` of `program`, answers.
pub(super) fn of(path: &syn::Path, module: &Module, program: &Crate, sources: &Sources) -> Accepts {
    let full = module.imports.resolve(path, |full| full.first().is_some_and(|first| sources.library(first).is_some()));
    let Some(name) = full.last() else { return Accepts::default() };
    let found = match full.first().and_then(|first| sources.library(first)) {
        // What the library gives out as its own may stand in another one.
        Some(library) => match implementations(name, [library]) {
            none if none.is_empty() => implementations(name, &sources.crates),
            found => found,
        },
        None if is_own(&full, program) => implementations(name, [program]),
        None => Vec::new(),
    };
    match found[..] {
        [] if name == DEFAULT => Accepts::default(),
        [] => Accepts::unread(format!("no `impl Policy for {name}` is in the workspace")),
        [one] => read(name, one),
        _ => Accepts::unread(format!("several `impl Policy for {name}` are in the workspace")),
    }
}

/// Whether `path` leads into `program` itself, and not into a crate that is not read.
fn is_own(path: &[String], program: &Crate) -> bool {
    let module = |first: &String| program.modules.iter().any(|module| module.name == *first);
    let inside = |first: &String| ["crate", "self", "super"].contains(&first.as_str()) || module(first);
    path.len() == 1 || path.first().is_some_and(inside)
}

/// Every `impl Policy for name` of `crates`.
fn implementations<'a>(name: &str, crates: impl IntoIterator<Item = &'a Crate>) -> Vec<&'a ItemImpl> {
    let modules = crates.into_iter().flat_map(|one| &one.modules);
    let items = modules.flat_map(|module| module.items.iter().map(move |item| (module, item)));
    let found = items.filter_map(|(module, item)| match item {
        Item::Impl(item) if is_policy(item, module) && last(&item.self_ty).is_some_and(|last| last == name) => {
            Some(item)
        }
        _ => None,
    });
    found.collect()
}

fn is_policy(item: &ItemImpl, module: &Module) -> bool {
    let path = item.trait_.as_ref().map(|(path, _)| module.imports.resolve(path, |_| false));
    path.and_then(|path| path.last().map(|last| last == "Policy")).unwrap_or_default()
}

fn last(ty: &Type) -> Option<&syn::Ident> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
        _ => None,
    }
}

fn read(name: &str, policy: &ItemImpl) -> Accepts {
    let mut unread = None;
    let mut of = |key: &str| {
        let strings = constant(policy, key);
        if strings.is_none() {
            unread = Some(format!("`{key}` of `{name}` is no list of strings"));
        }
        strings.flatten()
    };
    let (rules, sources) = (of("RULES").unwrap_or_default(), of("SOURCES"));
    Accepts { rules, sources, flag: flag(policy), unread }
}

/// `Some("warmer")`
fn flag(policy: &ItemImpl) -> Option<String> {
    policy.items.iter().find_map(|item| match item {
        ImplItem::Const(item) if item.ident == "FLAG" => match &item.expr {
            Expr::Call(call) => call.args.first().and_then(string),
            _ => None,
        },
        _ => None,
    })
}

/// The strings of the constant `key`, where it is there; nothing, where they are not written out.
fn constant(policy: &ItemImpl, key: &str) -> Option<Option<Vec<String>>> {
    let constants = policy.items.iter().filter_map(|item| match item {
        ImplItem::Const(item) if item.ident == key => Some(&item.expr),
        _ => None,
    });
    match constants.collect::<Vec<_>>()[..] {
        [] => Some(None),
        [one] => strings(one).map(Some),
        _ => None,
    }
}

fn strings(expr: &Expr) -> Option<Vec<String>> {
    match expr {
        Expr::Reference(inner) => strings(&inner.expr),
        Expr::Array(array) => array.elems.iter().map(string).collect(),
        _ => None,
    }
}

fn string(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}
