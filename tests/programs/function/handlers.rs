//! Handlers of every kind, written once, so that they are the same to the letter with the attribute and without.

macro_rules! handlers {
    ($(#[$attribute:meta])?) => {
        use lambda_runtime::streaming::{Body, Response, channel};
        use lambda_runtime::{Diagnostic, Error, FunctionResponse, LambdaEvent, StreamResponse, run, service_fn};
        use serde_json::Value;
        use serde_json::value::RawValue;

        use crate::types::{Client, Order, OrderError, Receipt};

        pub(crate) async fn start(handler: &str) -> Result<(), Error> {
            let client = Client { greeting: "sold" };
            let desk = Desk { greeting: "sold" };
            match handler {
                "order" => run(service_fn(order)).await,
                "value" => run(service_fn(value)).await,
                "text" => run(service_fn(text)).await,
                "unit" => run(service_fn(unit)).await,
                "nothing" => run(service_fn(nothing)).await,
                "request_id" => run(service_fn(request_id)).await,
                "client" => run(service_fn(|event| with_client(&client, event))).await,
                "method" => run(service_fn(|event| desk.method(event))).await,
                "streamed" => run(service_fn(streamed)).await,
                "http" => run(service_fn(http)).await,
                "either" => run(service_fn(either)).await,
                "breaks" => run(service_fn(breaks)).await,
                "panics" => run(service_fn(panics)).await,
                "fails_boxed" => run(service_fn(fails_boxed)).await,
                "fails_with_text" => run(service_fn(fails_with_text)).await,
                "fails_with_enum" => run(service_fn(fails_with_enum)).await,
                "fails_with_diagnostic" => run(service_fn(fails_with_diagnostic)).await,
                "fails_with_anyhow" => run(service_fn(fails_with_anyhow)).await,
                "never_fails" => run(service_fn(never_fails)).await,
                _ => Err(format!("there is no handler `{handler}`").into()),
            }
        }

        $(#[$attribute])?
        async fn order(event: LambdaEvent<Order>) -> Result<Receipt, Error> {
            println!("the handler runs");
            Ok(event.payload.receipt("sold"))
        }

        $(#[$attribute])?
        async fn value(event: LambdaEvent<Value>) -> Result<Value, Error> {
            Ok(event.payload)
        }

        // The payload's own text, to the byte.
        $(#[$attribute])?
        async fn text(event: LambdaEvent<Box<RawValue>>) -> Result<Box<RawValue>, Error> {
            Ok(event.payload)
        }

        $(#[$attribute])?
        async fn unit(event: LambdaEvent<()>) -> Result<&'static str, Error> {
            let () = event.payload;
            Ok("done")
        }

        $(#[$attribute])?
        async fn nothing(_event: LambdaEvent<Value>) -> Result<(), Error> {
            Ok(())
        }

        $(#[$attribute])?
        async fn request_id(event: LambdaEvent<Value>) -> Result<String, Error> {
            Ok(event.context.request_id)
        }

        $(#[$attribute])?
        async fn with_client(client: &Client, event: LambdaEvent<Order>) -> Result<Receipt, Error> {
            Ok(event.payload.receipt(client.greeting))
        }

        struct Desk {
            greeting: &'static str,
        }

        impl Desk {
            $(#[$attribute])?
            async fn method(&self, event: LambdaEvent<Order>) -> Result<Receipt, Error> {
                Ok(event.payload.receipt(self.greeting))
            }
        }

        $(#[$attribute])?
        async fn streamed(
            event: LambdaEvent<Order>,
        ) -> Result<StreamResponse<impl tokio_stream::Stream<Item = Result<String, Error>> + Send>, Error> {
            let items = event.payload.items.into_iter().map(|item| Ok(item + ";"));
            Ok(StreamResponse::from(tokio_stream::iter(items)))
        }

        $(#[$attribute])?
        async fn http(event: LambdaEvent<Order>) -> Result<Response<Body>, Error> {
            let (mut sender, body) = channel();
            tokio::spawn(async move {
                for item in event.payload.items {
                    sender.send_data(item.into()).await.expect("the runtime reads the stream");
                }
            });
            Ok(Response::from(body))
        }

        $(#[$attribute])?
        async fn either(event: LambdaEvent<Order>) -> Result<FunctionResponse<Receipt, Body>, Error> {
            match event.payload.items.is_empty() {
                true => Ok(FunctionResponse::StreamingResponse(Body::from("nothing sold").into())),
                false => Ok(FunctionResponse::BufferedResponse(event.payload.receipt("sold"))),
            }
        }

        $(#[$attribute])?
        async fn breaks(
            event: LambdaEvent<Order>,
        ) -> Result<StreamResponse<impl tokio_stream::Stream<Item = Result<String, Error>> + Send>, Error> {
            let items = event.payload.items.into_iter().map(Ok).chain([Err("the source ran dry".into())]);
            Ok(StreamResponse::from(tokio_stream::iter(items)))
        }

        $(#[$attribute])?
        async fn panics(event: LambdaEvent<Order>) -> Result<Receipt, Error> {
            panic!("no order {}", event.payload.id)
        }

        $(#[$attribute])?
        async fn fails_boxed(event: LambdaEvent<Order>) -> Result<Receipt, Error> {
            Err(Box::new(OrderError::SoldOut(event.payload.id)))
        }

        $(#[$attribute])?
        async fn fails_with_text(_event: LambdaEvent<Order>) -> Result<Receipt, &'static str> {
            Err("sold out")
        }

        $(#[$attribute])?
        async fn fails_with_enum(event: LambdaEvent<Order>) -> Result<Receipt, OrderError> {
            Err(OrderError::SoldOut(event.payload.id))
        }

        $(#[$attribute])?
        async fn fails_with_diagnostic(_event: LambdaEvent<Order>) -> Result<Receipt, Diagnostic> {
            Err(Diagnostic { error_type: "SoldOut".to_owned(), error_message: "\"sold\"\n\u{1F980}".to_owned() })
        }

        $(#[$attribute])?
        async fn fails_with_anyhow(event: LambdaEvent<Order>) -> anyhow::Result<Receipt> {
            Err(anyhow::Error::new(OrderError::SoldOut(event.payload.id)).context("no receipt"))
        }

        $(#[$attribute])?
        async fn never_fails(event: LambdaEvent<Order>) -> Result<Receipt, std::convert::Infallible> {
            Ok(event.payload.receipt("sold"))
        }
    };
}
