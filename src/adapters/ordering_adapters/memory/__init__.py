"""Every port kept in memory: the same promises as the real systems, in one process, on any clock."""

from ordering_adapters.memory.agent import MemoryAgent
from ordering_adapters.memory.billing import MemoryBilling
from ordering_adapters.memory.cases import MemoryCases
from ordering_adapters.memory.catalogue import MemoryCatalogue
from ordering_adapters.memory.closed_days import MemoryClosedDays
from ordering_adapters.memory.customers import MemoryCustomers
from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.files import MemoryFiles
from ordering_adapters.memory.hints import Hint, HintKind, MemoryHints
from ordering_adapters.memory.ids import MemoryIds, SequentialIds
from ordering_adapters.memory.image_cleaner import MemoryImageCleaner
from ordering_adapters.memory.line_book import MemoryLineBook, MemoryProfileBook
from ordering_adapters.memory.lines import MemoryLineProvisioning
from ordering_adapters.memory.live_updates import MemoryLiveUpdates
from ordering_adapters.memory.notifications import MemoryNotifications
from ordering_adapters.memory.opportunities import MemoryOpportunities
from ordering_adapters.memory.orders import MemoryOrders
from ordering_adapters.memory.password_hasher import MemoryPasswordHasher
from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.memory.profiles import MemoryProfileDelivery
from ordering_adapters.memory.salesforce import MemorySalesforce
from ordering_adapters.memory.store import MemoryStore
from ordering_adapters.memory.work_queue import MemoryWorkQueue
from ordering_adapters.memory.world import MemoryWorld, in_memory_ordering


__all__ = [
    "SMALL_CATALOGUE",
    "Hint",
    "HintKind",
    "MemoryAgent",
    "MemoryBilling",
    "MemoryCases",
    "MemoryCatalogue",
    "MemoryClosedDays",
    "MemoryCustomers",
    "MemoryFaults",
    "MemoryFiles",
    "MemoryHints",
    "MemoryIds",
    "MemoryImageCleaner",
    "MemoryLineBook",
    "MemoryLineProvisioning",
    "MemoryLiveUpdates",
    "MemoryNotifications",
    "MemoryOpportunities",
    "MemoryOrders",
    "MemoryPasswordHasher",
    "MemoryProfileBook",
    "MemoryProfileDelivery",
    "MemorySalesforce",
    "MemoryStore",
    "MemoryWorkQueue",
    "MemoryWorld",
    "SequentialIds",
    "in_memory_ordering",
]
