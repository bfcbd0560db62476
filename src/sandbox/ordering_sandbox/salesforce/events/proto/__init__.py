"""The messages of the Pub/Sub API, generated from `pubsub_api.proto` by tools/make_pubsub_messages.py."""
