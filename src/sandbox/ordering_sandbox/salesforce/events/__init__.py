"""The org's event bus: platform events and change events, published and subscribed to (reference 4)."""
