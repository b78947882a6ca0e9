"""Those who use the system while it is hurt: citizens who send, officers who work close to their deadlines."""
