"""The product's command line: the only place that knows all services."""

import chassis as chassis  # before anything imports PyMongo: see there
