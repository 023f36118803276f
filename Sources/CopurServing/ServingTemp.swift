internal import Hummingbird
internal import Metrics
