# What is served: LemonLDAP::NG's portal, and one address that is ours, which makes accounts.

use strict;
use warnings;

use DBI;
use Lemonldap::NG::Portal::Main;
use Plack::App::File;
use Plack::Builder;
use Plack::Request;

# Scripts and styles, for who looks at it in a browser.
my %FOLDERS = (
    '/static'     => '/usr/share/lemonldap-ng/portal/htdocs/static',
    '/javascript' => '/usr/share/javascript',
);

my $portal = Lemonldap::NG::Portal::Main->run( {} );

# As behind the web server that a site has in front: on the port of its name. OWN_PORT is the one listened on.
sub at_its_port {
    my ($served) = @_;
    return $served if $ENV{OWN_PORT};
    return sub { $served->( { %{ $_[0] }, SERVER_PORT => 80 } ) };
}

# Ours, not LemonLDAP::NG's: a row in the table of users, as a site's own directory would be fed.
sub makes_account {
    my $request = Plack::Request->new(shift);
    my @row     = map { scalar $request->parameters->{$_} } qw(user password mail);
    return [ 400, [], [] ] if $request->method ne 'POST' or grep { !length( $_ // '' ) } @row;

    my $database = DBI->connect( $ENV{USERS}, '', '', { RaiseError => 0, PrintError => 0 } );
    $database->do('pragma busy_timeout = 10000');
    my $made = $database->do( 'insert into users (uid, password, mail) values (?, ?, ?)', undef, @row );
    return $made ? [ 201, [], [] ] : [ 409, [], [] ];
}

builder {
    mount $_ => Plack::App::File->new( root => $FOLDERS{$_} )->to_app for keys %FOLDERS;
    mount '/accounts-of-the-suite' => \&makes_account;
    mount '/' => at_its_port($portal);
};
