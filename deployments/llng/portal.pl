#!/usr/bin/perl
# Configures LemonLDAP::NG in a directory of its own and serves it until SIGTERM or Ctrl-C; start.sh
# calls it. Everything begins empty, and no other installation on the machine is touched.
#
# Environment:
#   PORT       where it listens on 127.0.0.1
#   SMTP_PORT  where it mails to on 127.0.0.1
#   VAR        directory for its data; without, one under the system's that is deleted at the end
#   OWN_PORT   1: the portal is called by the port that it listens on, and takes it for a part of the RP id

use strict;
use warnings;

use DBI;
use File::Basename qw(dirname);
use File::Path qw(make_path);
use File::Temp;
use JSON;
use Plack::Runner;

my $HERE = dirname(__FILE__);
my $PORT = $ENV{PORT}      || 8103;
my $SMTP = $ENV{SMTP_PORT} || 8203;

# Deleted by the process that made it, not by those that answer requests.
my $own = $ENV{VAR} ? undef : File::Temp->newdir( 'llng-XXXXXX', TMPDIR => 1 );
my $VAR = $ENV{VAR} || "$own";

# The host's name without a port: this release takes host and port together for the RP id.
my $BASE = 'http://auth.lab.localhost' . ( $ENV{OWN_PORT} ? ":$PORT/" : '/' );

sub written {
    my ( $name, $text ) = @_;
    open my $file, '>', "$VAR/$name" or die "$VAR/$name: $!\n";
    print {$file} $text;
    close $file or die "$VAR/$name: $!\n";
}

make_path( map { "$VAR/$_" } qw(conf cache notices sessions/lock persistent/lock) );

my $users = "dbi:SQLite:dbname=$VAR/users.db";
unlink "$VAR/users.db";
my $database = DBI->connect( $users, '', '', { RaiseError => 1 } );
$database->do('create table users (uid text primary key, password text, mail text unique)');
$database->disconnect;

sub files {
    my ($folder) = @_;
    return {
        Directory      => "$VAR/$folder",
        LockDirectory  => "$VAR/$folder/lock",
        generateModule => 'Lemonldap::NG::Common::Apache::Session::Generate::SHA256',
    };
}

my %configuration = (
    cfgNum => 1,
    portal => $BASE,
    domain => 'lab.localhost',
    securedCookie => 0,
    key    => join( '', map { sprintf '%02x', int rand 256 } 1 .. 16 ),

    # Users stand in SQL.
    ( map { $_ => 'DBI' } qw(authentication userDB passwordDB) ),
    registerDB           => 'Null',
    dbiAuthChain         => $users,
    dbiUserChain         => $users,
    dbiAuthUser          => '',
    dbiAuthPassword      => '',
    dbiAuthTable         => 'users',
    dbiUserTable         => 'users',
    dbiAuthLoginCol      => 'uid',
    dbiAuthPasswordCol   => 'password',
    dbiAuthPasswordHash  => '',
    dbiPasswordMailCol   => 'mail',
    dbiMailCol           => 'mail',
    dbiAuthnLevel        => 2,
    dbiExportedVars      => { uid => 'uid', mail => 'mail' },
    userPivot            => 'uid',
    whatToTrace          => '_user',
    portalDisplayRegister => 0,

    # Sessions in files. One-time tokens as well, and not in a cache where they would have 16 random bits.
    globalStorage            => 'Apache::Session::File',
    globalStorageOptions     => files('sessions'),
    persistentStorage        => 'Apache::Session::File',
    persistentStorageOptions => files('persistent'),
    tokenUseGlobalStorage    => 1,
    localSessionStorage        => 'Cache::FileCache',
    localSessionStorageOptions => {
        namespace => 'sessions', cache_root => "$VAR/cache", cache_depth => 3,
        default_expires_in => 600, directory_umask => '007',
    },
    # Each process would remember the session that it saw last for fifteen seconds, ended or not.
    handlerInternalCache       => 0,
    notification               => 0,
    notificationStorageOptions => { dirName => "$VAR/notices" },

    # Second factors, which users set up themselves. Twenty of them, where the default is ten.
    ( map { ( "${_}2fActivation" => 1, "${_}2fSelfRegistration" => 1, "${_}2fUserCanRemoveKey" => 1 ) }
          qw(webauthn totp) ),
    webauthn2fUserVerification => 'preferred',
    max2FDevices               => 20,

    # Mail. A link lives for five minutes, where the default is as long as a session: twenty hours.
    SMTPServer                  => '127.0.0.1',
    SMTPPort                    => $SMTP,
    mailFrom                    => 'portal@lab.localhost',
    mailUrl                     => "${BASE}resetpwd",
    mailTimeout                 => 300,
    portalDisplayResetPassword  => 1,
    portalDisplayChangePassword => 1,
    captcha_mail_enabled        => 0,

    # One application that signs in by CAS; no host of its own is needed for a ticket.
    issuerDBCASActivation      => 1,
    casAccessControlPolicy     => 'error',
    casAppMetaDataOptions      => { app => { casAppMetaDataOptionsService => 'http://app.lab.localhost/' } },
    casAppMetaDataExportedVars => { app => {} },

    # No links to sample applications, and no rules that have a host of their own.
    ( map { $_ => {} } qw(applicationList locationRules exportedHeaders) ),
);
my $shipped = '/var/lib/lemonldap-ng/conf/lmConf-1.json';
open my $file, '<', $shipped or die "$shipped: $!\n";
my $all = decode_json( do { local $/; <$file> } );
written( 'conf/lmConf-1.json', JSON->new->canonical->pretty->encode( { %$all, %configuration } ) );

written( 'lemonldap-ng.ini', <<"INI");
[all]
logLevel=warn
logger=Lemonldap::NG::Common::Logger::Std
userLogger=Lemonldap::NG::Common::Logger::Std
checkTime=600
[configuration]
type=File
dirName=$VAR/conf
localStorage=Cache::FileCache
localStorageOptions={'namespace'=>'configuration','default_expires_in'=>600,'directory_umask'=>'007','cache_root'=>'$VAR/cache','cache_depth'=>3}
[portal]
staticPrefix=/static
templateDir=/usr/share/lemonldap-ng/portal/templates
languages=en
[handler]
INI

$ENV{LLNG_DEFAULTCONFFILE} = "$VAR/lemonldap-ng.ini";
$ENV{USERS}                = $users;
print STDERR "serving $BASE on 127.0.0.1:$PORT; data in $VAR\n";

# Each process loads the portal for itself: connections to a database are not shared.
my $runner = Plack::Runner->new( server => 'Starman', env => 'deployment', loader => 'Delayed' );
$runner->parse_options( '--listen', "127.0.0.1:$PORT", '--workers', 4, '--max-requests', 100_000, "$HERE/portal.psgi" );
$runner->run;
