-- What wrk sends: the example, prepared once.
wrk.method = "POST"
wrk.path = "/v1/users/u-abc123/calls/c-call123"
wrk.body = '{"state":"transferring","transferTo":"+18382947878","transferCallerId":"private","whisperAudio":{"sentence":"You have an incoming call"}}'
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json"
wrk.headers["Authorization"] = "Basic dC10b2tlbjpzLXNlY3JldA=="
