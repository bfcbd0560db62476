// An unmodified salesforce-pubsub-api-client: follows topics over TLS and says what it hears, a line each.
// Told where by one JSON object on the first line of its input; each further line is an event to publish.
"use strict";

const fs = require("node:fs");
const readline = require("node:readline");

// The client trusts a file of its own and can be told of no other: it finds the org's authority in its place.
const read = fs.readFileSync;
let authority = "";
fs.readFileSync = (path, ...rest) =>
  authority && /cacert-[0-9a-f]+\.pem/.test(String(path)) ? read(authority) : read(path, ...rest);

const PubSubApiClient = require("salesforce-pubsub-api-client").default;

const plain = (_, value) => (typeof value === "bigint" ? Number(value) : value);
const say = (said) => console.log(JSON.stringify(said, plain));
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

async function main(lines) {
  const told = JSON.parse((await lines.next()).value);
  authority = told.trusted;
  const client = new PubSubApiClient(
    {
      authType: "oauth-client-credentials",
      loginUrl: told.https,
      clientId: told.client_id,
      clientSecret: told.client_secret,
      pubSubEndpoint: told.grpc_tls,
    },
    quiet,
  );
  await client.connect();
  const heard = (subscription, type, data) => {
    const topic = subscription.topicName;
    if (type === "event") say({ topic, id: data.id, replay_id: data.replayId, payload: data.payload });
    if (type === "error") say({ topic, error: String(data) });
  };
  for (const { topic, replay_id: place } of told.topics) {
    if (place === null) client.subscribeFromEarliestEvent(topic, heard);
    else client.subscribeFromReplayId(topic, heard, null, place);
  }
  for await (const line of lines) {
    const { topic, payload } = JSON.parse(line);
    await client.publish(topic, payload);
  }
}

main(readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]()).then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
