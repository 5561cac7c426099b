"""What the simulated world is made of, as one table. Shares are per mille unless the name says otherwise.

The figures of the event (accounts, exchanges, days) are the product's founding case. The others are chosen, not
measured: each says why it has its size. Harder settings are this table with other values (`dataclasses.replace`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """One world. Counts ending in `_at_scale_1` are multiplied by the scale; shares are not."""

    # The event: 28.8 million exchanges / 25,000 accounts / 45 days = 25.6 a day for each account.
    days: int = 45
    campaign_accounts_at_scale_1: int = 25_000
    campaign_exchanges_at_scale_1: int = 28_800_000
    # What a platform would plausibly alarm on for one account; nothing simulated may reach it.
    account_day_limit: int = 150

    # Campaign. Replacements are part of the 25,000: ended accounts come back under another payment instrument.
    churn: int = 120
    quiet: int = 80  # accounts that hardly draw: held in reserve, hardest to find
    proxy_weights: tuple[int, ...] = (38, 25, 20, 12, 5)  # four resale proxies; the last share comes directly
    payment_unshared: int = 250  # one payment instrument for one account: no strong link at all
    payment_group: tuple[int, int] = (2, 6)
    device_shared: int = 350
    device_group: tuple[int, int] = (2, 5)
    device_absent: int = 400  # API-only accounts never sign in from a browser
    phone_given: int = 150
    phone_shared: int = 400  # of those given: rented numbers are used again
    campaign_referral: int = 350
    referral_group: tuple[int, int] = (12, 30)
    campaign_viral_referral: int = 80
    declared_weights: tuple[int, ...] = (
        42,
        38,
        6,
        14,
    )  # shell name, resale proxy, the laboratory itself, nothing
    email_weights: tuple[int, ...] = (45, 35, 20)  # web mail, throw-away domain, domain of the proxy
    throwaway_domain_group: tuple[int, int] = (15, 60)
    popular_template_day: int = 200  # days on which a campaign account uses a prompt that everybody uses
    range_turn_days: int = 15  # addresses rotate within a range daily, and over the ranges of a proxy at this pace
    ranges_at_scale_1: int = 60  # grows with the square root of the scale: 6 at 0.01
    ranges_v6: int = 250
    campaign_vpn: int = 350
    campaign_carrier: int = 150
    campaign_office: int = 30  # campaign accounts seen at times on an honest office or campus network
    campaign_alternate_day: int = 150  # how often they are seen there
    weekday_active: int = 940
    weekend_active: int = 800

    # Honest population: seven for each campaign account, and never so few that nothing is shared.
    honest_per_campaign_account: float = 7.0
    honest_minimum: int = 1_500
    # company, household, campus, carrier only, single at home, customer of a resale proxy, VPN user
    honest_weights: tuple[int, ...] = (450, 150, 100, 120, 150, 12, 18)
    company_size: tuple[int, int] = (3, 40)
    company_one_card: int = 700
    company_template: int = 400
    company_declared: int = 850
    household_size: tuple[int, int] = (2, 4)
    household_one_card: int = 800
    household_one_device: int = 500
    campus_shared_device: int = 150
    campus_device_group: tuple[int, int] = (5, 12)
    honest_device_absent: int = 250
    honest_phone_given: int = 250
    honest_carrier: int = 250  # also seen on a mobile carrier
    honest_carrier_day: int = 200
    honest_vpn: int = 60  # also seen on a VPN exit that the campaign uses
    honest_vpn_day: int = 400
    honest_viral_referral: int = 90
    honest_friend_referral: int = 120
    honest_popular_template: int = 420
    honest_private_template: int = 100
    honest_schedule: int = 380
    honest_campaign_hours: int = 12  # honest accounts whose hours look like a campaign shift
    honest_campaign_template: int = 3  # campaign wording that leaked to a forum
    zero_retention: int = 60
    regulated: int = 20
    carriers: int = 6
    accounts_per_carrier_address: int = 25  # carrier-grade NAT: many subscribers behind one address

    # Smaller unrelated abuse rings: 5 of them at the smallest scale, 40 at scale 1.
    rings_minimum: int = 5
    rings_at_scale_1: int = 35
    ring_smallest: int = 5
    ring_largest: int = 60
    ring_largest_small_scale: int = 28  # below scale 0.05, so that rings stay smaller than the campaign
    ring_payment_unshared: int = 150
    rings_on_vpn: int = 2  # rings behind the same VPN exits as the campaign

    # Share (not per mille) of honest accounts with at least one signal in the whole period, by detector.
    meter_false_positive_rate: float = 0.004
    harvest_false_positive_rate: float = 0.010
    egress_false_positive_rate: float = 0.015
    harvest_hit: int = 120  # account-days of the campaign and the rings that each conduct detector flags
    egress_hit: int = 100
    signals_again: int = 60  # active days after the first on which a false positive repeats

    # Reference counts: values with fewer holders on a day are left out.
    minimum_holders: int = 2
    joint_minimum_holders: int = 5
    established_days: int = 90  # joint rates are measured on accounts at least this old on the first day
    youngest_campaign_days: int = 75


STANDARD = Settings()
