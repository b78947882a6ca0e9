"""Everything that is said on topics, by whom it is said: each module holds the events of one writer's affair."""
