"""Who a request comes from, where proxies stand between."""
