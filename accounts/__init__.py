"""Who is enforced against: organizations, accounts, sightings, clusters; linking them is pure and stands apart."""
