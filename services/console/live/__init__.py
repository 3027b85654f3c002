"""Live pages: what happened anywhere becomes a hint to those who may know; the page then asks again for itself."""
