"""What a plan costs its clients: price lists and statements. Pure: nothing is searched for, nothing is written.

How money flows: a case and its verified plan → what each client bears (``leaves``, over time ``over_time``) → full
costs by provider and service (``full_cost``) → prices, charges, reserves (``pricing``, ``price_list``) → statements.
"""
