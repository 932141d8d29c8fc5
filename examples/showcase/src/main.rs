//! Starts the showcase: `cargo run -p showcase`.

use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::time::Duration;

use axum_jwt_extended::{Config, ConfigBuilder};
use showcase::store::{self, Opened};
use showcase::users::DEMO_LOGINS;
use showcase::{AppState, app};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

const DEFAULT_PORT: u16 = 3000;

/// How long requests may still run when the process is asked to end.
const GRACE: Duration = Duration::from_secs(5);

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "showcase: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let (config, secret_is_random) = config()?;
    let listener = listen(port()?).await?;
    let port = listener.local_addr()?.port();
    let Opened { store, place, purging: _purging } = store::open().await?;
    let app = app(AppState::new(config, store)?);
    // Before the address is told, so that nobody can be too early with it.
    let asked_to_stop = asked_to_stop()?;
    // Whoever has closed the other end of this has seen enough of it.
    let _ = io::stdout().write_all(welcome(port, secret_is_random, &place).as_bytes());

    let (stop, stopping) = oneshot::channel::<()>();
    let server = axum::serve(listener, app).with_graceful_shutdown(async {
        let _ = stopping.await;
    });
    let mut server = tokio::spawn(server.into_future());
    tokio::select! {
        ended = &mut server => return Ok(ended??),
        () = asked_to_stop => {}
    }
    let _ = stop.send(());
    match tokio::time::timeout(GRACE, server).await {
        Ok(ended) => Ok(ended??),
        // A client that takes its time does not keep the process.
        Err(_) => Ok(()),
    }
}

/// The environment's `JWT_` variables above the showcase's defaults, and whether there is a key only
/// for as long as this process lives.
fn config() -> Result<(Config, bool), Box<dyn Error>> {
    let vars = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    let vars: Vec<_> = vars.filter(|(name, _)| name.starts_with("JWT_")).collect();
    let keys = ["JWT_SECRET_KEY", "JWT_PRIVATE_KEY", "JWT_PUBLIC_KEY"];
    let has_key = vars.iter().any(|(name, _)| keys.iter().any(|key| name.starts_with(key)));
    let mut secret = vec![0; 64];
    getrandom::fill(&mut secret)?;
    let build = |config: ConfigBuilder| {
        let config = if has_key { config } else { config.secret_key(secret.clone()) };
        config.vars(vars.clone(), |path| std::fs::read_to_string(path)).build()
    };
    // Whoever asks for cookies that are not `Secure` gets them, under names that do not say otherwise.
    let config = build(showcase::defaults()).or_else(|_| build(showcase::with_plain_cookies()))?;
    Ok((config, !has_key))
}

fn port() -> Result<u16, String> {
    match std::env::var_os("PORT") {
        None => Ok(DEFAULT_PORT),
        Some(text) => text.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| {
            format!("PORT is to be a number from 0 to 65535, and not {}", text.display())
        }),
    }
}

/// Only this machine can connect: the demo's passwords are known to everybody.
async fn listen(port: u16) -> Result<TcpListener, String> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} is taken by another program. End that one, or take another port: \
             `PORT={} cargo run -p showcase`; with PORT=0 a free one is found",
            port.checked_add(1).unwrap_or(DEFAULT_PORT)
        ),
        _ => format!("cannot listen on port {port}: {error}"),
    })
}

fn welcome(port: u16, secret_is_random: bool, place: &str) -> String {
    let url = format!("http://localhost:{port}");
    let [(anna, annas), (ben, bens)] = DEMO_LOGINS;
    let secret = if secret_is_random {
        "JWT_SECRET_KEY is not set: a random secret was made, and tokens end with this process.\n"
    } else {
        ""
    };
    format!(
        r#"
axum-jwt-extended, the showcase

  {url}

Log in as {anna} with the password "{annas}" (an admin), or as {ben} with "{bens}".
Or in another terminal: log in and keep the token, use it, and be refused without it.

  TOKEN=$(curl -s {url}/api/token -H 'Content-Type: application/json' -d '{{"login":"{anna}","password":"{annas}"}}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -s -w '\n' {url}/api/me -H "Authorization: Bearer $TOKEN"
  curl -s -w '\n' {url}/api/me

Who has logged out is remembered in {place}.
{secret}Ctrl-C ends it.
"#
    )
}

/// Listens for Ctrl-C and SIGTERM from now on; the future ends with the first of them.
#[cfg(unix)]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn asked_to_stop() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
