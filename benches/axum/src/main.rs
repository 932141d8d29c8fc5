//! A server whose routes do the same, and differ in who protects them.
//!
//! `serve` answers on a port of its choice and prints `PORT TOKEN ROUTE...`; it has one thread, so that a
//! core can be given to it. `call [ROUTE [COUNT]]` calls the routes in this process, without a socket:
//! for a profiler, and for a first look. `growth` prints how that grows with an application.

mod growth;
mod routes;

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use tokio::net::TcpListener;
use tower::ServiceExt as _;

type Result<T = ()> = std::result::Result<T, Box<dyn Error>>;

const ROUNDS: usize = 21;

fn main() -> Result {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
    match arguments[..] {
        ["serve"] => runtime.block_on(serve()),
        ["call"] => runtime.block_on(call(&routes::NAMES, 20_000)),
        ["call", route] => runtime.block_on(call(&[route], 20_000)),
        ["call", route, count] => runtime.block_on(call(&[route], count.parse()?)),
        ["growth"] => runtime.block_on(growth::print()),
        _ => Err("say `serve`, `growth`, or `call [ROUTE [COUNT]]`".into()),
    }
}

async fn serve() -> Result {
    let routes = routes::Routes::new()?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let port = listener.local_addr()?.port();
    println!("{port} {} {}", routes.token, routes::NAMES.join(" "));
    Ok(axum::serve(listener, routes.router).await?)
}

/// Prints what one call of each route takes, in nanoseconds: the median of rounds in turn.
async fn call(names: &[&str], count: u32) -> Result {
    let routes = routes::Routes::new()?;
    let mut taken = vec![Vec::new(); names.len()];
    for _ in 0..ROUNDS {
        for (name, taken) in names.iter().zip(&mut taken) {
            let begin = Instant::now();
            for _ in 0..count {
                once(&routes, name).await?;
            }
            taken.push(begin.elapsed().as_nanos() / u128::from(count));
        }
    }
    for (name, mut taken) in names.iter().zip(taken) {
        taken.sort_unstable();
        println!("{name} {}", taken[ROUNDS / 2]);
    }
    Ok(())
}

async fn once(routes: &routes::Routes, name: &str) -> Result {
    ask(&routes.router, name, &routes.token).await
}

async fn ask(router: &Router, name: &str, token: &str) -> Result {
    let request = Request::get(format!("/{name}"))
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .body(Body::empty())?;
    let response = router.clone().oneshot(request).await?;
    if response.status() == StatusCode::OK {
        black_box(response);
        Ok(())
    } else {
        Err(format!("/{name} answers {}", response.status()).into())
    }
}
